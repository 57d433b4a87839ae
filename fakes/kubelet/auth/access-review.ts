// Asks the API server whether a user has permission, and caches the result. By default a granted permission is cached
// longer than a denied one.
import type { UserInfo } from '../../go/net-http/exchange';
import { ExpiringCache } from './expiring-cache';
import { type ReviewContext, ReviewFailure, review } from './review';

const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
/**
 * Maximum length of a review that is cached, characters. Clients can influence the length, so kubelets have this limit.
 */
const MAX_CACHED_LENGTH = 10_000;

/** What the user wants to do. */
export interface AccessAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly subresource: string;
  /** Name of the kubelet's node. */
  readonly name: string;
}

/** How long granted and denied permissions are cached, seconds. */
export interface AccessTimes {
  readonly allowedSeconds: number;
  readonly deniedSeconds: number;
}

const sorted = (extra: NonNullable<UserInfo['extra']>) =>
  Object.fromEntries(Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Returns the `spec` of a review with its keys in the order of Go's encoder. */
function specOf({ user, verb, subresource, name }: AccessAttributes): object {
  return {
    resourceAttributes: { ...(verb && { verb }), version: 'v1', resource: 'nodes', subresource, name },
    user: user.name,
    ...(user.groups.length > 0 && { groups: user.groups }),
    ...(user.extra && { extra: sorted(user.extra) }),
    ...(user.uid && { uid: user.uid }),
  };
}

export class AccessReviewer {
  readonly #cache: ExpiringCache<boolean>;

  constructor(
    readonly context: ReviewContext,
    readonly times: AccessTimes,
  ) {
    this.#cache = new ExpiringCache(context.clock);
  }

  /**
   * Returns whether the user has permission.
   * @param signal aborted when the client disconnects
   * @throws ReviewFailure if the API server sends no usable response; failures are not cached
   */
  async isAllowed(attributes: AccessAttributes, signal: AbortSignal): Promise<boolean> {
    const spec = specOf(attributes);
    const key = JSON.stringify(spec);
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const document = JSON.stringify({
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed: false },
    });
    const status = await review(this.context, 'SubjectAccessReview', PATH, document, signal);
    const allowed = status.flag('allowed');
    if (allowed && status.flag('denied')) throw new ReviewFailure('the response is both allowed and denied');
    const { allowedSeconds, deniedSeconds } = this.times;
    if (key.length < MAX_CACHED_LENGTH) this.#cache.set(key, allowed, allowed ? allowedSeconds : deniedSeconds);
    return allowed;
  }
}
