// One review at an API server: posted, tried again where that may help, and read.
import type { Clock } from '../../base/clock';
import { errorCode, errorCodeOrText } from '../../base/error-text';
import { pause } from '../../base/waiting';
import type { ApiAnswer, ApiClient } from '../api-client/api-client';

/** Retries of webhooks as the kubelet has them: five tries, half a second before the second, half as long again each time. */
const TRIES = 5;
const GROWTH = 1.5;
export const FIRST_PAUSE_MS = 500;
/** How often a kubelet's client asks again by itself where an answer says after how long. */
const TRIES_WHEN_TOLD = 10;

/** Statuses after which a kubelet tries again: internal error, gateway timeout, too many requests. */
const PASSING: ReadonlySet<number> = new Set([429, 500, 504]);

/** The API server gave no usable answer. */
export class ReviewFailure extends Error {
  override readonly name = 'ReviewFailure';
}

export interface ReviewContext {
  readonly api: Pick<ApiClient, 'post'>;
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

const isReset = (error: unknown) => errorCode(error) === 'ECONNRESET';

/** Milliseconds after which an overloaded server asks to be asked again; undefined: it does not. */
function askedToWait({ status, retryAfter }: ApiAnswer): number | undefined {
  const isBusy = status === 429 || status >= 500;
  return isBusy && retryAfter !== undefined && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}

type Ask = () => Promise<ApiAnswer>;

/** Asks, and asks again as long as the answer asks for it. */
async function patiently(ask: Ask, clock: Clock, signal: AbortSignal): Promise<ApiAnswer> {
  for (let again = 0; ; again += 1) {
    const answer = await ask();
    const wait = askedToWait(answer);
    if (wait === undefined || again === TRIES_WHEN_TOLD || signal.aborted) return answer;
    await pause(clock, wait, signal);
  }
}

/** Posts a review and gives its status. Throws ReviewFailure, also where the signal is aborted. */
export async function review(
  { api, clock, firstPauseMs }: ReviewContext,
  kind: string,
  path: string,
  document: string,
  signal: AbortSignal,
): Promise<ReviewStatus> {
  for (let tried = 1, wait = firstPauseMs; ; tried += 1, wait *= GROWTH) {
    let failure: string;
    try {
      const answer = await patiently(() => api.post(path, document, signal), clock, signal);
      if (answer.status >= 200 && answer.status < 300) return statusIn(answer, kind);
      failure = `status ${answer.status}`;
      if (!PASSING.has(answer.status) && askedToWait(answer) === undefined) throw new ReviewFailure(failure);
    } catch (error) {
      if (error instanceof ReviewFailure) throw error;
      failure = errorCodeOrText(error);
      if (!isReset(error)) throw new ReviewFailure(failure);
    }
    if (tried === TRIES) throw new ReviewFailure(failure);
    await pause(clock, wait, signal).catch(() => {
      throw new ReviewFailure(failure);
    });
  }
}
