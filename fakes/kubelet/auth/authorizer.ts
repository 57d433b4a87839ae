// Decides whether an authenticated user may make a request: always, or if the API server allows it.
import type { UserInfo } from '../../go/net-http/exchange';
import type { AccessReviewer } from './access-review';
import { subresourcesOf, verbOf } from './attributes';
import { ReviewFailure } from './review';

/** Whether a request is allowed. The kubelet's response to a request that is not allowed says what was reviewed. */
export type AccessDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'forbidden'; readonly verb: string; readonly subresources: readonly string[] }
  /** The API server sent no usable response. */
  | { readonly kind: 'unknown'; readonly verb: string; readonly subresource: string };

/** The parts of a request that matter for authorization. */
export interface AccessRequest {
  readonly user: UserInfo;
  readonly method: string;
  /** Without percent-encoding. */
  readonly path: string;
  /** Its signal is aborted when the client disconnects. */
  readonly disconnect: { readonly signal: AbortSignal };
}

export type Authorizer = (request: AccessRequest) => Promise<AccessDecision>;

/** Authorization mode AlwaysAllow. */
export const allowAll: Authorizer = async () => ({ kind: 'allowed' });

/**
 * Authorization mode Webhook. It reviews one subresource after another until one is allowed.
 * @param reviewer asks the API server
 * @param node its name, and whether its version has the fine-grained subresources
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
