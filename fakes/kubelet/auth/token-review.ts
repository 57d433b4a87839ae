// Bearer tokens shown to an API server; its word on each holds for a while, and several who ask at once share it.
import { createHash } from 'node:crypto';
import { LinkedAbort } from '../../base/linked-abort';
import type { UserInfo } from '../../go/net-http/exchange';
import { withAuthenticatedGroup } from '../../pki/users';
import { ExpiringCache } from './expiring-cache';
import { type ReviewContext, ReviewFailure, type ReviewStatus, review } from './review';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';
/** All tries of one review together (ms), as a kubelet configures it; reviews of access end with their request. */
const MAX_MS = 10_000;
/** A token that is nobody's. */
type Answer = UserInfo | 'nobody';

function userOf(status: ReviewStatus): Answer {
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
  readonly #known: ExpiringCache<Answer>;
  readonly #asked = new Map<string, Promise<Answer>>();
  readonly #end = new AbortController();

  constructor(
    readonly context: ReviewContext,
    readonly cacheSeconds: number,
  ) {
    this.#known = new ExpiringCache(context.clock);
  }

  /** Whose token it is; undefined: nobody's, or the API server does not say. What it does not say is not kept. */
  async userOf(token: string): Promise<UserInfo | undefined> {
    const key = createHash('sha256').update(token).digest('base64');
    let answer: Answer;
    try {
      answer = this.#known.get(key) ?? (await this.#shared(key, token));
    } catch (error) {
      if (error instanceof ReviewFailure) return undefined;
      throw error;
    }
    return answer === 'nobody' ? undefined : answer;
  }

  #shared(key: string, token: string): Promise<Answer> {
    const under = this.#asked.get(key);
    if (under) return under;
    const asked = this.#ask(key, token).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  async #ask(key: string, token: string): Promise<Answer> {
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
      const answer = userOf(await review(this.context, 'TokenReview', PATH, document, limit.signal));
      this.#known.set(key, answer, this.cacheSeconds);
      return answer;
    } finally {
      disarm();
    }
  }

  close(): void {
    this.#end.abort();
  }
}
