// Authentication and authorization of one kubelet, put together from its settings.
import type { Clock } from '../../base/clock';
import type { Undo } from '../../base/undo';
import { UserError } from '../../base/user-error';
import { ApiClient } from '../api-client/api-client';
import { readKubeconfig } from '../api-client/kubeconfig';
import type { KubeletSettings } from '../settings';
import { type KubernetesVersion, listsSubresources } from '../versions';
import { AccessReviewer } from './access-review';
import { isFineGrained } from './attributes';
import { type Authenticator, authenticator } from './authenticator';
import { type Authorizer, allowAll, webhookAuthorizer } from './authorizer';
import { FIRST_PAUSE_MS, type ReviewContext } from './review';
import { TokenReviewer } from './token-review';

export interface AccessOptions {
  readonly settings: KubeletSettings;
  readonly kubeconfig: string | undefined;
  readonly nodeName: string;
  readonly version: KubernetesVersion;
  readonly clock: Clock;
  /** Taken without asking anybody. */
  readonly token: string;
  readonly reviewPauseMs: number | undefined;
}

export interface Access {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly listsSubresources: boolean;
}

/** The one to ask, where somebody is to be asked. */
async function reviews(
  { settings, kubeconfig, clock, reviewPauseMs }: AccessOptions,
  undo: Undo,
): Promise<ReviewContext | undefined> {
  const asks = [
    ...(settings.webhookAuthentication ? ['authentication.webhook.enabled'] : []),
    ...(settings.authorization === 'Webhook' ? ['authorization.mode: Webhook'] : []),
  ];
  const found = kubeconfig === undefined ? undefined : await readKubeconfig(kubeconfig);
  if (asks.length === 0) return undefined;
  if (found === undefined) {
    throw new UserError(
      `${asks.join(' and ')} (on unless a configuration file says otherwise) need an API server to ask: give --kubeconfig, or set authentication.webhook.enabled to false and authorization.mode to AlwaysAllow.`,
    );
  }
  const api = new ApiClient(found);
  undo.add(() => api.close());
  return { api, clock, firstPauseMs: reviewPauseMs ?? FIRST_PAUSE_MS };
}

/** Who may come in, and who may do what. Throws UserError where nobody can be asked who should be. */
export async function makeAccess(options: AccessOptions, undo: Undo): Promise<Access> {
  const { settings, nodeName, version, token } = options;
  const { anonymous, tokenCacheSeconds, allowedCacheSeconds, deniedCacheSeconds } = settings;
  const context = await reviews(options, undo);
  const reviewer =
    context && settings.webhookAuthentication ? new TokenReviewer(context, tokenCacheSeconds) : undefined;
  undo.add(() => reviewer?.close());
  const times = { allowedSeconds: allowedCacheSeconds, deniedSeconds: deniedCacheSeconds };
  const node = { name: nodeName, isFineGrained: isFineGrained(settings.featureGates, version) };
  return {
    authenticate: authenticator({ token, anonymous, reviewer }),
    authorize:
      context && settings.authorization === 'Webhook'
        ? webhookAuthorizer(new AccessReviewer(context, times), node)
        : allowAll,
    listsSubresources: listsSubresources(version),
  };
}
