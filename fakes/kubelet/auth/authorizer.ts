// Determines whether an authenticated user may make a request: always, or only if the API server allows the request.
import type { UserInfo } from '../../go/net-http/exchange';
import type { AccessReviewer } from './access-review';
import { subresourcesOf, verbOf } from './attributes';
import { ReviewFailure } from './review';

/** Whether a request is allowed. If not, the kubelet's response names the reviewed permissions. */
export type AccessDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'forbidden'; readonly verb: string; readonly subresources: readonly string[] }
  /** The API server sent no usable response. */
  | { readonly kind: 'unknown'; readonly verb: string; readonly subresource: string };

/** The parts of a request that matter for authorization. */
export interface AccessRequest {
  readonly user: UserInfo;
  readonly method: string;
  /** Path of the request, without percent-encoding. */
  readonly path: string;
  /** The signal is aborted when the client disconnects. */
  readonly disconnect: { readonly signal: AbortSignal };
}

export type Authorizer = (request: AccessRequest) => Promise<AccessDecision>;

/** Allows every request (authorization mode AlwaysAllow). */
export const allowAll: Authorizer = async () => ({ kind: 'allowed' });

/**
 * Makes the authorizer for the mode Webhook. It reviews one subresource after another until the API server allows one.
 * @param reviewer asks the API server
 * @param node name of the node, and whether the kubelet's version has the fine-grained subresources
 */
export function webhookAuthorizer(
  reviewer: AccessReviewer,
  node: { readonly name: string; readonly isFineGrained: boolean },
): Authorizer {
  return async ({ user, method, path, disconnect }) => {
    const verb = verbOf(method);
    const subresources = subresourcesOf(path, node.isFineGrained);
    for (const subresource of subresources) {
      try {
        if (await reviewer.isAllowed({ user, verb, subresource, name: node.name }, disconnect.signal))
          return { kind: 'allowed' };
      } catch (error) {
        if (error instanceof ReviewFailure) return { kind: 'unknown', verb, subresource };
        throw error;
      }
    }
    return { kind: 'forbidden', verb, subresources };
  };
}
