// Records the HTTP and CRI exchanges of one spec, without credentials, memory contents or environment values.
import type { HttpAnswer } from '../../../specs/subject/http';
import type { Exchange } from '../../report/results';

const MAX_SHOWN = 2000;

const cut = (text: string) =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)` : text;

/** Maximum number of characters of a body. Less than MAX_SHOWN, so that the headers below the body are shown too. */
const MAX_BODY = 1500;

type Headers = Readonly<Record<string, string>>;

/** Headers that are not shown, because they do not help a reader or differ in every response. */
const OMITTED_HEADERS = ['date', 'connection', 'keep-alive'];
const CREDENTIALS = ['authorization', 'cookie', 'set-cookie'];

const headerLines = (headers: Headers) =>
  Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OMITTED_HEADERS.includes(name))
    .map(([name, value]) => `\n${name}: ${CREDENTIALS.includes(name) ? '(not shown)' : value}`)
    .join('');

/** Formats a request: its method and target, the kind of credentials, and the headers that the spec set. */
export const requestText = (what: string, headers: Headers = {}): string => `${what}${headerLines(headers)}`;

/** Formats a response: status and body, then the headers. */
export function answerText({ status, body, headers }: HttpAnswer): string {
  const shown = body.length > MAX_BODY ? `${body.slice(0, MAX_BODY)}... (${body.length} characters)` : body;
  return `${status} ${shown.trimEnd()}${headerLines(headers)}`;
}

const isBytes = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;

/** Formats a CRI message as JSON. Shows only the size of binary fields and only the names of environment variables. */
function wording(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => {
    if (isBytes(value)) return `(${value.data.length} bytes)`;
    if (key === 'sandbox_config') return '(that of its sandbox)';
    if (key !== 'envs' || !Array.isArray(value)) return value;
    return value.map((pair: unknown) => ({
      key: typeof pair === 'object' && pair !== null && 'key' in pair ? pair.key : undefined,
      value: '(not shown)',
    }));
  });
}

/** The text that is shown if no response has arrived. */
const NOT_YET = '(nothing so far)';

/** An exchange whose response has not arrived. */
type Open = { -readonly [Key in keyof Exchange]: Exchange[Key] };

export class ExchangeLog {
  readonly #all: Open[] = [];
  /** The time at which each open exchange began, in milliseconds of `performance.now`. */
  readonly #open = new Map<Open, number>();

  /** All exchanges, in the order in which they began. */
  get exchanges(): readonly Exchange[] {
    return this.#all;
  }

  /** Records an HTTP request. Returns a function that records its response. */
  http(sent: string): (came: string) => void {
    return this.#begin('HTTP', sent);
  }

  /** Records a CRI request. Returns a function that records its response. */
  cri(method: string, request: unknown): (came: unknown) => void {
    const end = this.#begin('CRI', `${method} ${wording(request)}`);
    return (came) => end(wording(came));
  }

  /**
   * Returns the request that has waited longest for its response, with the milliseconds; undefined if no request is
   * waiting.
   */
  unanswered(): { readonly sent: string; readonly milliseconds: number } | undefined {
    const [oldest] = this.#open;
    return oldest && { sent: oldest[0].sent, milliseconds: performance.now() - oldest[1] };
  }

  #begin(wire: Exchange['wire'], sent: string): (came: string) => void {
    const exchange: Open = { wire, sent: cut(sent), came: NOT_YET };
    this.#all.push(exchange);
    this.#open.set(exchange, performance.now());
    return (came) => {
      exchange.came = cut(came);
      this.#open.delete(exchange);
    };
  }
}
