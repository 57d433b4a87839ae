// What somebody known may do: everything, or what an API server allows.
import type { UserInfo } from '../../go/net-http/exchange';
import type { AccessReviewer } from './access-review';
import { subresourcesOf, verbOf } from './attributes';
import { ReviewFailure } from './review';

/** Leave given or not; what was asked for is in the kubelet's answer. */
export type Permission =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'forbidden'; readonly verb: string; readonly subresources: readonly string[] }
  | { readonly kind: 'unknown'; readonly verb: string; readonly subresource: string };

/** A request as far as leave for it goes. */
export interface PermissionRequest {
  readonly user: UserInfo;
  readonly method: string;
  /** With its escapes undone. */
  readonly path: string;
  /** Its signal is aborted when the client goes away. */
  readonly disconnect: { readonly signal: AbortSignal };
}

export type Authorizer = (request: PermissionRequest) => Promise<Permission>;

/** AlwaysAllow. */
export const allowAll: Authorizer = async () => ({ kind: 'allowed' });

/** Webhook: each subresource is asked for in turn until one is allowed. */
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
