// Posts one review to the API server, repeats it if that may help, and reads the response.
import type { Clock } from '../../base/clock';
import { errorCodeOrText } from '../../base/error-text';
import { pause } from '../../base/waiting';
import type { ApiAnswer, ApiClient } from '../api-client/api-client';

/** Maximum number of times that a kubelet tries a review. */
const TRIES = 5;
/** Factor by which each pause between two tries is longer than the previous pause. */
const GROWTH = 1.5;
/** How long a kubelet waits before the second try, milliseconds. */
export const FIRST_PAUSE_MS = 500;
/** Maximum number of times that a kubelet's HTTP client repeats a request if the response has a Retry-After header. */
const MAX_REPEATS = 10;

/** Statuses after which a kubelet tries again. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 504]);

/** Thrown if the API server sends no usable response. */
export class ReviewFailure extends Error {
  override readonly name = 'ReviewFailure';
}

export interface ReviewContext {
  readonly api: Pick<ApiClient, 'post'>;
  readonly clock: Clock;
  /** Pause before the second try, milliseconds. */
  readonly firstPauseMs: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a response. Its methods throw ReviewFailure if a field has the wrong type. */
export class ReviewStatus {
  constructor(readonly fields: Fields) {}

  #typed<T>(name: string, fallback: T, fits: (value: unknown) => value is T): T {
    const value = this.fields[name];
    if (value === undefined || value === null) return fallback;
    if (!fits(value)) throw new ReviewFailure(`the response's ${name} has the wrong type`);
    return value;
  }

  /** Returns a string; empty if the field is absent. */
  text(name: string): string {
    return this.#typed(name, '', (value) => typeof value === 'string');
  }

  /** Returns a boolean; false if the field is absent. */
  flag(name: string): boolean {
    return this.#typed<boolean>(name, false, (value) => typeof value === 'boolean');
  }

  /** Returns a list of strings; empty if the field is absent. */
  texts(name: string): readonly string[] {
    return this.#typed<readonly string[]>(name, [], isTexts);
  }

  /** Returns the fields of an object; an object without fields if the field is absent. */
  inner(name: string): ReviewStatus {
    return new ReviewStatus(this.#typed<Fields>(name, {}, isFields));
  }

  /** Returns all fields, each of which must be a list of strings. */
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
    throw new ReviewFailure('the response is not JSON');
  }
  if (!isFields(parsed)) throw new ReviewFailure('the response is not an object');
  const answer = new ReviewStatus(parsed);
  const answered = answer.text('kind');
  if (answered !== '' && answered !== kind) throw new ReviewFailure(`the response is a ${answered}`);
  return answer.inner('status');
}

const isReset = (error: unknown) => errorCodeOrText(error) === 'ECONNRESET';

/** Returns the milliseconds of a Retry-After header; undefined if the request must not be repeated. */
function retryAfterMs({ status, retryAfter }: ApiAnswer): number | undefined {
  const isBusy = status === 429 || status >= 500;
  return isBusy && retryAfter !== undefined && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}

/** Sends a request, and repeats it up to `MAX_REPEATS` times while the responses have a Retry-After header. */
async function sendRepeatedly(send: () => Promise<ApiAnswer>, clock: Clock, signal: AbortSignal): Promise<ApiAnswer> {
  for (let repeats = 0; ; repeats += 1) {
    const answer = await send();
    const wait = retryAfterMs(answer);
    if (wait === undefined || repeats === MAX_REPEATS || signal.aborted) return answer;
    await pause(clock, wait, signal).catch(() => {});
  }
}

/**
 * Posts a review, up to five times.
 * @param kind kind of the review, such as `TokenReview`
 * @param path path of the review on the API server
 * @param document the review as JSON
 * @returns the `status` of the response
 * @throws ReviewFailure if there is no usable response or the signal is aborted
 */
export async function review(
  { api, clock, firstPauseMs }: ReviewContext,
  kind: string,
  path: string,
  document: string,
  signal: AbortSignal,
): Promise<ReviewStatus> {
  for (let attempt = 1, wait = firstPauseMs; ; attempt += 1, wait *= GROWTH) {
    let failure: string;
    try {
      const answer = await sendRepeatedly(() => api.post(path, document, signal), clock, signal);
      if (answer.status >= 200 && answer.status < 300) return statusIn(answer, kind);
      failure = `status ${answer.status}`;
      if (!RETRIED_STATUSES.has(answer.status) && retryAfterMs(answer) === undefined) throw new ReviewFailure(failure);
    } catch (error) {
      if (error instanceof ReviewFailure) throw error;
      failure = errorCodeOrText(error);
      if (!isReset(error)) throw new ReviewFailure(failure);
    }
    if (attempt === TRIES) throw new ReviewFailure(failure);
    await pause(clock, wait, signal).catch(() => {
      throw new ReviewFailure(failure);
    });
  }
}
