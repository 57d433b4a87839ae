// Reads the recorded CRI calls of a runtime.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CriUnaryMethod } from '../../../proto/load';

export interface Answer {
  readonly ok?: object;
  readonly code?: string;
  readonly message?: string;
}

export interface Row {
  readonly name: string;
  readonly method: CriUnaryMethod;
  readonly request?: { readonly container_id?: string };
  readonly deadlineMs?: number;
  readonly answer?: Answer;
  /** Of several calls at once. */
  readonly answers?: readonly Answer[];
  readonly created?: readonly { readonly file: string; readonly mode: string }[];
  readonly stateAfter?: string;
  readonly execAfter?: string;
  readonly fileAfter?: object;
  readonly after?: { readonly state: string; readonly exit_code: number };
  /** The container that the row is about, where it is not the main one. */
  readonly container?: string;
  /** The row that this one follows on. */
  readonly before?: Row & { readonly request: object };
}

export interface Recording {
  readonly rows: readonly Row[];
  readonly sandbox: string;
  readonly main: string;
  /** When the row was recorded, as far as its messages tell; milliseconds since the epoch. */
  timeOf(row: Row): number;
}

const FULL_ID = /[0-9a-f]{64}/;

/** Moments in messages: as Go's log writes them, and as names of checkpoint images end. */
function timeOf(row: Row): number {
  const text = JSON.stringify([row.answer, row.answers]);
  const [, log] = /time=\\+"([^"\\]+)/.exec(text) ?? [];
  const [, month, day, year, time] = /:(\d\d)-(\d\d)-(\d{4})-(\d\d:\d\d:\d\d)/.exec(text) ?? [];
  return Date.parse(log ?? (year ? `${year}-${month}-${day}T${time}Z` : '2026-11-23T12:45:00Z'));
}

export function recordedCalls(file: string): Recording {
  const text = readFileSync(path.join(__dirname, '../testdata', file), 'utf8').replaceAll(
    '{OCI_RUNTIME}',
    '/usr/bin/runc',
  );
  const { calls }: { calls: Row[] } = JSON.parse(text);
  const idIn = (name: string) =>
    FULL_ID.exec(JSON.stringify(calls.find((row) => row.name === name)?.request))?.[0] ?? '';
  const main = idIn('checkpoint');
  const sandbox = idIn('checkpoint-sandbox-id');
  const rows = calls.map((row, index) => {
    const asked = FULL_ID.exec(row.request?.container_id ?? '')?.[0];
    const others = row.answers && FULL_ID.exec(JSON.stringify(row.answers))?.[0];
    const container = asked !== sandbox ? (asked ?? others) : undefined;
    const earlier = calls[index - 1];
    const before = row.name.endsWith('-then-again') && earlier?.request ? { before: earlier } : {};
    return { ...row, ...(container && { container }), ...before } as Row;
  });
  return { rows, sandbox, main, timeOf };
}
