// Reads recorded bytes of requests and responses. Long requests were shortened in the recording and are completed here.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface RawExchange {
  readonly id: string;
  readonly request: string;
  readonly response: string;
}

const recorded: { readonly exchanges: readonly RawExchange[] } = JSON.parse(
  readFileSync(path.join(__dirname, '../testdata/raw-exchanges.json'), 'utf8'),
);
export const rawExchanges = recorded.exchanges;

const END = ' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
/** Functions that return the part of a long request that the recording omits, by name of the request. */
const FILL: Readonly<Record<string, (start: string) => string>> = {
  'header-1.1MB': (start) => `${start}${'a'.repeat(1_100_000)}\r\nConnection: close\r\n\r\n`,
  'header-900kB': (start) => `${start}${'a'.repeat(900_000)}\r\nConnection: close\r\n\r\n`,
  'error-over-2048-bytes': (start) => `${start.replace(/x+$/, '')}${'x'.repeat(3000)}${END}`,
};

export const rawRequest = ({ id, request }: RawExchange): string =>
  FILL[id]?.(request.replace(/\.\.\.\(.*$/, '')) ?? request;

/** Converts a response to the form of the recording. */
export const comparable = (answer: string): string =>
  answer.replace(/Date: [^\r]*\r\n/, '').replace('x'.repeat(3000), '{3000 x}');
