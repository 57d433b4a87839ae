// What went over the wires while one spec ran, without credentials, memory, or the values of an environment.
import type { Exchange } from '../results';

const LONGEST_SHOWN = 2000;

const cut = (text: string) =>
  text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}... (${text.length} characters)` : text;

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

export class ExchangeLog {
  readonly exchanges: Exchange[] = [];

  http(sent: string, came: string): void {
    this.exchanges.push({ wire: 'HTTP', sent: cut(sent), came: cut(came) });
  }

  cri(method: string, request: unknown, came: unknown): void {
    this.exchanges.push({ wire: 'CRI', sent: cut(`${method} ${wording(request)}`), came: cut(wording(came)) });
  }
}
