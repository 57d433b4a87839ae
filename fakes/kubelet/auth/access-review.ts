// May they? Asked of an API server; its word holds for a while, longer where it is yes.
import type { UserInfo } from '../../go/net-http/exchange';
import { ExpiringCache } from './expiring-cache';
import { type ReviewContext, ReviewFailure, review } from './review';

const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
/** What a client can make so long is not kept (characters of its path, as a kubelet counts them). */
const MAX_KEPT = 10_000;

/** One question. */
export interface AccessQuestion {
  readonly user: UserInfo;
  readonly verb: string;
  readonly subresource: string;
  /** Name of the node. */
  readonly name: string;
}

/** How long answers hold (s). */
export interface AccessTimes {
  readonly allowedSeconds: number;
  readonly deniedSeconds: number;
}

const sorted = (extra: NonNullable<UserInfo['extra']>) =>
  Object.fromEntries(Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The question as Go's encoder would write it. */
function specOf({ user, verb, subresource, name }: AccessQuestion): object {
  return {
    resourceAttributes: { ...(verb && { verb }), version: 'v1', resource: 'nodes', subresource, name },
    user: user.name,
    ...(user.groups.length > 0 && { groups: user.groups }),
    ...(user.extra && { extra: sorted(user.extra) }),
    ...(user.uid && { uid: user.uid }),
  };
}

export class AccessReviewer {
  readonly #known: ExpiringCache<boolean>;

  constructor(
    readonly context: ReviewContext,
    readonly times: AccessTimes,
  ) {
    this.#known = new ExpiringCache(context.clock);
  }

  /** Whether it is allowed. Throws ReviewFailure where the API server does not say; that is not kept. */
  async isAllowed(question: AccessQuestion, signal: AbortSignal): Promise<boolean> {
    const spec = specOf(question);
    const key = JSON.stringify(spec);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const document = JSON.stringify({
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed: false },
    });
    const status = await review(this.context, 'SubjectAccessReview', PATH, document, signal);
    const allowed = status.flag('allowed');
    if (allowed && status.flag('denied')) throw new ReviewFailure('the answer is both yes and no');
    const { allowedSeconds, deniedSeconds } = this.times;
    if (key.length < MAX_KEPT) this.#known.set(key, allowed, allowed ? allowedSeconds : deniedSeconds);
    return allowed;
  }
}
