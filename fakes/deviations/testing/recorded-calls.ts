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
  readonly request?: {
    readonly container_id?: string;
    readonly pod_sandbox_id?: string;
    readonly sandbox_config?: object;
  };
  readonly deadlineMs?: number;
  readonly answer?: Answer;
  /** The responses of several concurrent calls. */
  readonly answers?: readonly Answer[];
  readonly created?: readonly { readonly file: string; readonly mode: string }[];
  /** Files that existed before the call and were changed. */
  readonly changed?: Row['created'];
  readonly stateAfter?: string;
  readonly execAfter?: string;
  readonly fileAfter?: object;
  readonly after?: { readonly state: string; readonly exit_code: number };
  /** The container of the row, if it is not the main container. */
  readonly container?: string;
  /** The previous recorded row, if it must be replayed first. */
  readonly before?: Row & { readonly request: object };
}

export interface Recording {
  readonly rows: readonly Row[];
  readonly sandbox: string;
  readonly main: string;
  /** Returns the time at which the row was recorded, milliseconds since the epoch, if its messages contain a time. */
  timeOf(row: Row): number;
}

const FULL_ID = /[0-9a-f]{64}/;

/** Finds the time in a row's messages, which have Go's log format or end with the name of a checkpoint image. */
function timeOf(row: Row): number {
  const text = JSON.stringify([row.answer, row.answers]);
  const [, log] = /time=\\+"([^"\\]+)/.exec(text) ?? [];
  const [, month, day, year, time] = /:(\d\d)-(\d\d)-(\d{4})-(\d\d:\d\d:\d\d)/.exec(text) ?? [];
  return Date.parse(log ?? (year ? `${year}-${month}-${day}T${time}Z` : '2026-11-23T12:45:00Z'));
}

export function recordedCalls(file: string): Recording {
  const text = readFileSync(path.join(__dirname, '../testdata', file), 'utf8')
    .replaceAll('{OCI_RUNTIME}', '/usr/bin/runc')
    .replaceAll('`runc ', '`/usr/bin/runc ');
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
