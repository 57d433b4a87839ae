// What went over the wires while one spec ran, without credentials, memory, or the values of an environment.
import type { HttpAnswer } from '../../../specs/subject/http';
import type { Exchange } from '../../report/results';

const MAX_SHOWN = 2000;

const cut = (text: string) =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)` : text;

/** Leaves room for the headers below it. */
const MAX_BODY = 1500;

type Headers = Readonly<Record<string, string>>;

/** Of no use to a reader, or different in every answer. */
const OMITTED_HEADERS = ['date', 'connection', 'keep-alive'];
const CREDENTIALS = ['authorization', 'cookie', 'set-cookie'];

const headerLines = (headers: Headers) =>
  Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OMITTED_HEADERS.includes(name))
    .map(([name, value]) => `\n${name}: ${CREDENTIALS.includes(name) ? '(not shown)' : value}`)
    .join('');

/** A request in words: what is asked, by whom, and the headers that were asked for. */
export const requestText = (what: string, headers: Headers = {}): string => `${what}${headerLines(headers)}`;

/** An answer in words: status and body, below them the headers. */
export function answerText({ status, body, headers }: HttpAnswer): string {
  const shown = body.length > MAX_BODY ? `${body.slice(0, MAX_BODY)}... (${body.length} characters)` : body;
  return `${status} ${shown.trimEnd()}${headerLines(headers)}`;
}

const isBytes = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;

/** JSON of a CRI message; an environment keeps its names only, and bytes their number. */
function wording(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => {
    if (isBytes(value)) return `(${value.data.length} bytes)`;
    if (key !== 'envs' || !Array.isArray(value)) return value;
    return value.map((pair: unknown) => ({
      key: typeof pair === 'object' && pair !== null && 'key' in pair ? pair.key : undefined,
      value: '(not shown)',
    }));
  });
}

/** What stands for an answer until it comes. */
const NOT_YET = '(nothing so far)';

/** One that is on its way. */
type Open = { -readonly [Key in keyof Exchange]: Exchange[Key] };

export class ExchangeLog {
  readonly #all: Open[] = [];
  /** By when they began, as `performance.now` tells it. */
  readonly #open = new Map<Open, number>();

  /** In the order in which they began. */
  get exchanges(): readonly Exchange[] {
    return this.#all;
  }

  /** Begins an exchange over HTTP; the function that is returned tells what came. */
  http(sent: string): (came: string) => void {
    return this.#begin('HTTP', sent);
  }

  /** Begins a CRI call; the function that is returned tells what came. */
  cri(method: string, request: unknown): (came: unknown) => void {
    const end = this.#begin('CRI', `${method} ${wording(request)}`);
    return (came) => end(wording(came));
  }

  /** What has waited longest for its answer, and for how long (ms); undefined where nothing waits. */
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
