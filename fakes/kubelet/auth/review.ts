// One review at an API server: posted, tried again where that may help, and read.
import type { Clock } from '../../clock';
import type { ApiAnswer, ApiClient } from '../api-client/api-client';
import { errnoOf } from '../errno';

/** Retries of webhooks as the kubelet has them: five tries, half a second before the second, half as long again each time. */
const TRIES = 5;
const GROWTH = 1.5;
export const FIRST_PAUSE_MS = 500;
/** The longest that one review may take with all its tries (ms). */
const LONGEST_MS = 30_000;

/** Statuses after which a kubelet tries again: internal error, gateway timeout, too many requests. */
const PASSING: ReadonlySet<number> = new Set([429, 500, 504]);

/** The API server gave no usable answer. */
export class ReviewFailure extends Error {
  override readonly name = 'ReviewFailure';
}

export interface ReviewContext {
  readonly api: ApiClient;
  readonly clock: Clock;
  /** Before the second try (ms). */
  readonly firstPauseMs: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with the shape of an answer ends here. */
export class ReviewStatus {
  constructor(readonly fields: Fields) {}

  #typed<T>(name: string, fallback: T, fits: (value: unknown) => value is T): T {
    const value = this.fields[name];
    if (value === undefined || value === null) return fallback;
    if (!fits(value)) throw new ReviewFailure(`the answer has a wrong ${name}`);
    return value;
  }

  text(name: string): string {
    return this.#typed(name, '', (value) => typeof value === 'string');
  }

  flag(name: string): boolean {
    return this.#typed<boolean>(name, false, (value) => typeof value === 'boolean');
  }

  texts(name: string): readonly string[] {
    return this.#typed<readonly string[]>(name, [], isTexts);
  }

  inner(name: string): ReviewStatus {
    return new ReviewStatus(this.#typed<Fields>(name, {}, isFields));
  }

  /** All fields, each a list of texts. */
  lists(): Record<string, readonly string[]> {
    return Object.fromEntries(Object.keys(this.fields).map((name) => [name, this.texts(name)]));
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function statusIn({ body }: ApiAnswer, kind: string): ReviewStatus {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new ReviewFailure('the answer is no JSON');
  }
  if (!isFields(parsed)) throw new ReviewFailure('the answer is no object');
  const answer = new ReviewStatus(parsed);
  const own = answer.text('kind');
  if (own !== '' && own !== kind) throw new ReviewFailure(`the answer is a ${own}`);
  return answer.inner('status');
}

const isReset = (error: unknown) => errnoOf(error) === 'ECONNRESET';

/** Posts a review and gives its status. Throws ReviewFailure, also where the signal is aborted. */
export async function review(
  { api, clock, firstPauseMs }: ReviewContext,
  kind: string,
  path: string,
  document: string,
  signal: AbortSignal,
): Promise<ReviewStatus> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  for (let tried = 1, pause = firstPauseMs; ; tried += 1, pause *= GROWTH) {
    let failure: string;
    try {
      const answer = await api.post(path, document, bounded);
      if (answer.status >= 200 && answer.status < 300) return statusIn(answer, kind);
      failure = `status ${answer.status}`;
      if (!PASSING.has(answer.status)) throw new ReviewFailure(failure);
    } catch (error) {
      if (error instanceof ReviewFailure) throw error;
      failure = errnoOf(error);
      if (!isReset(error)) throw new ReviewFailure(failure);
    }
    if (tried === TRIES) throw new ReviewFailure(failure);
    await new Promise<void>((resolve) => {
      const disarm = clock.after(pause, resolve);
      bounded.addEventListener(
        'abort',
        () => {
          disarm();
          resolve();
        },
        { once: true },
      );
    });
    if (bounded.aborted) throw new ReviewFailure(failure);
  }
}
