// Asks the API server for the user of a bearer token, and caches the response. Simultaneous requests share one review.
import { createHash } from 'node:crypto';
import { LinkedAbort } from '../../base/linked-abort';
import type { UserInfo } from '../../go/net-http/exchange';
import { withAuthenticatedGroup } from '../../pki/users';
import { ExpiringCache } from './expiring-cache';
import { type ReviewContext, ReviewFailure, type ReviewStatus, review } from './review';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';
/**
 * Time limit for all tries of one token review, milliseconds, as in a kubelet. Access reviews have no such limit,
 * because they end with their request.
 */
const MAX_MS = 10_000;
/** The user of a token; `nobody` if the token is not valid. */
type TokenOwner = UserInfo | 'nobody';

function ownerIn(status: ReviewStatus): TokenOwner {
  const problem = status.text('error');
  if (!status.flag('authenticated')) {
    if (problem !== '') throw new ReviewFailure(problem);
    return 'nobody';
  }
  const user = status.inner('user');
  const uid = user.text('uid');
  const extra = user.inner('extra').lists();
  return withAuthenticatedGroup({
    name: user.text('username'),
    groups: user.texts('groups'),
    ...(uid && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  });
}

export class TokenReviewer {
  readonly #cache: ExpiringCache<TokenOwner>;
  readonly #inProgress = new Map<string, Promise<TokenOwner>>();
  readonly #end = new AbortController();

  constructor(
    readonly context: ReviewContext,
    readonly cacheSeconds: number,
  ) {
    this.#cache = new ExpiringCache(context.clock);
  }

  /**
   * Returns the user of a token, cached or from a review.
   * @returns the user; undefined if the token is not valid or the review failed. Failures are not cached
   */
  async userOf(token: string): Promise<UserInfo | undefined> {
    const key = createHash('sha256').update(token).digest('base64');
    let owner: TokenOwner;
    try {
      owner = this.#cache.get(key) ?? (await this.#shared(key, token));
    } catch (error) {
      if (error instanceof ReviewFailure) return undefined;
      throw error;
    }
    return owner === 'nobody' ? undefined : owner;
  }

  #shared(key: string, token: string): Promise<TokenOwner> {
    const inProgress = this.#inProgress.get(key);
    if (inProgress) return inProgress;
    const started = this.#review(key, token).finally(() => this.#inProgress.delete(key));
    this.#inProgress.set(key, started);
    return started;
  }

  async #review(key: string, token: string): Promise<TokenOwner> {
    const document = JSON.stringify({
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: { token },
      status: { user: {} },
    });
    using limit = new LinkedAbort(this.#end.signal);
    const disarm = this.context.clock.after(MAX_MS, () => limit.abort());
    try {
      const owner = ownerIn(await review(this.context, 'TokenReview', PATH, document, limit.signal));
      this.#cache.set(key, owner, this.cacheSeconds);
      return owner;
    } finally {
      disarm();
    }
  }

  /** Ends the reviews that are in progress. */
  close(): void {
    this.#end.abort();
  }
}
