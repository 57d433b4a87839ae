// Makes the authentication and authorization of one kubelet from its settings.
import { UserError } from '../../base/user-error';
import { ApiClient } from '../api-client/api-client';
import { readKubeconfig } from '../api-client/kubeconfig';
import type { ResolvedOptions } from '../options';
import { listsSubresources } from '../versions';
import { AccessReviewer } from './access-review';
import { isFineGrained } from './attributes';
import { type Authenticator, authenticator } from './authenticator';
import { type Authorizer, allowAll, webhookAuthorizer } from './authorizer';
import { FIRST_PAUSE_MS } from './review';
import { TokenReviewer } from './token-review';

type AccessOptions = Pick<
  ResolvedOptions,
  'settings' | 'kubeconfig' | 'nodeName' | 'version' | 'clock' | 'reviewPauseMs'
>;

export interface Access {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  /** Whether the text of a 403 lists all subresources that were reviewed. */
  readonly listsSubresources: boolean;
  /** Ends reviews that are in progress and closes the connections to the API server. */
  close(): void;
}

/** Returns a client of the API server; undefined if the settings need no reviews. */
async function reviewClient({ settings, kubeconfig }: AccessOptions): Promise<ApiClient | undefined> {
  const needs = [
    ...(settings.webhookAuthentication ? ['authentication.webhook.enabled'] : []),
    ...(settings.authorization === 'Webhook' ? ['authorization.mode: Webhook'] : []),
  ];
  // Read the file even if it is not needed, so that a mistake in it is reported.
  const server = kubeconfig === undefined ? undefined : await readKubeconfig(kubeconfig);
  if (needs.length === 0) return undefined;
  if (server === undefined) {
    throw new UserError(
      `${needs.join(' and ')} (the defaults of a configuration file) need an API server: give --kubeconfig, or set authentication.webhook.enabled to false and authorization.mode to AlwaysAllow.`,
    );
  }
  return new ApiClient(server);
}

/**
 * Builds authentication and authorization.
 * @param options settings of the kubelet
 * @param token the token that is accepted without a review
 * @throws UserError if the settings need an API server and the kubeconfig is missing or cannot be used
 */
export async function makeAccess(options: AccessOptions, token: string): Promise<Access> {
  const { settings, nodeName, version, clock, reviewPauseMs } = options;
  const { anonymous, tokenCacheSeconds, allowedCacheSeconds, deniedCacheSeconds } = settings;
  const api = await reviewClient(options);
  const context = api && { api, clock, firstPauseMs: reviewPauseMs ?? FIRST_PAUSE_MS };
  const reviewer =
    context && settings.webhookAuthentication ? new TokenReviewer(context, tokenCacheSeconds) : undefined;
  const times = { allowedSeconds: allowedCacheSeconds, deniedSeconds: deniedCacheSeconds };
  const node = { name: nodeName, isFineGrained: isFineGrained(settings.featureGates, version) };
  return {
    authenticate: authenticator({ token, anonymous, reviewer }),
    authorize:
      context && settings.authorization === 'Webhook'
        ? webhookAuthorizer(new AccessReviewer(context, times), node)
        : allowAll,
    listsSubresources: listsSubresources(version),
    close() {
      reviewer?.close();
      api?.close();
    },
  };
}
