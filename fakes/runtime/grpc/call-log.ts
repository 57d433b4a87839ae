// Records the calls that the runtime received, in the form in which the calls of a real kubelet were recorded.
import { BoundedLog, sizeOf } from '../../base/bounded-log';
import type { Clock } from '../../base/clock';
import { inRecordedForm } from './recorded-form';

/**
 * Maximum number of entries of a list in a logged response. Longer lists are shortened, so that polls of a full node
 * use little memory.
 */
export const MAX_LOGGED_ENTRIES = 100;

/** Maximum size of all rows together, bytes. A single message may have up to 16 MiB. */
const MAX_LOGGED_BYTES = 64 * 1024 * 1024;

/** A row of the call log. */
export interface CallRecord {
  /** Number of the row, starting from 1. */
  readonly index: number;
  /** Start of the call, milliseconds since the epoch. */
  readonly startedAt: number;
  /** End of the call, milliseconds since the epoch; absent while the call is running. */
  readonly endedAt?: number;
  readonly service: string;
  readonly method: string;
  /** Deadline from the client's `grpc-timeout`, seconds; absent if the client set no deadline. */
  readonly deadlineSeconds?: number;
  /** The request, without fields that have their default values. */
  readonly request: object;
  /** The response, without fields that have their default values. Lists contain only their first 100 entries. */
  readonly response?: object;
  /** `code` is a name such as NOT_FOUND. */
  readonly error?: { readonly code: string; readonly message: string };
}

export type CallOutcome = { readonly response: object } | { readonly error: { code: string; message: string } };

/** Adds the outcome to one row of the log. */
export type EndCall = (outcome: CallOutcome) => void;

type Row = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

/** A logged call. Its row is created when it is read, because most rows are never read. */
interface Entry {
  readonly index: number;
  readonly call: Pick<CallRecord, 'service' | 'method' | 'request'> & { readonly deadlineSeconds: number | undefined };
  readonly startedAt: number;
  endedAt?: number;
  outcome?: CallOutcome;
  row?: Row;
}

function rowOf(entry: Entry): CallRecord {
  if (entry.row) return entry.row;
  const { index, startedAt } = entry;
  const { service, method, deadlineSeconds, request } = entry.call;
  const deadline = deadlineSeconds !== undefined && { deadlineSeconds };
  entry.row = { index, startedAt, service, method, ...deadline, request: inRecordedForm(request) };
  finishRow(entry);
  return entry.row;
}

function finishRow({ row, endedAt, outcome }: Entry): void {
  if (!row || !outcome || endedAt === undefined) return;
  row.endedAt = endedAt;
  if ('error' in outcome) row.error = outcome.error;
  else row.response = inRecordedForm(outcome.response, MAX_LOGGED_ENTRIES);
}

/** Shortens long lists in a response, so that their other entries can be garbage-collected. */
function withShortLists(response: object): object {
  const isLong = (value: unknown) => Array.isArray(value) && value.length > MAX_LOGGED_ENTRIES;
  if (!Object.values(response).some(isLong)) return response;
  const entries = Object.entries(response);
  return Object.fromEntries(
    entries.map(([field, value]) => [field, isLong(value) ? value.slice(0, MAX_LOGGED_ENTRIES) : value]),
  );
}

/** Keeps the last calls, in the order in which they started. */
export class CallLog {
  readonly #clock: Clock;
  readonly #entries: BoundedLog<Entry>;
  #count = 0;

  /** @param length maximum number of rows. Older rows are dropped, also if all rows together are too large */
  constructor(clock: Clock, length: number) {
    this.#clock = clock;
    this.#entries = new BoundedLog({ entries: length, bytes: MAX_LOGGED_BYTES });
  }

  get rows(): readonly CallRecord[] {
    return this.#entries.entries.map(rowOf);
  }

  /** Adds a row for a call that has just arrived. Returns the function that adds its outcome. */
  begin(call: Entry['call']): EndCall {
    this.#count += 1;
    const entry: Entry = { index: this.#count, call, startedAt: this.#clock.now() };
    const grow = this.#entries.add(entry, sizeOf(call.request));
    return (outcome) => {
      entry.endedAt = this.#clock.now();
      entry.outcome = 'error' in outcome ? outcome : { response: withShortLists(outcome.response) };
      grow(sizeOf(entry.outcome));
      finishRow(entry);
    };
  }

  /** Removes all rows. The next call has the index 1 again. */
  clear(): void {
    this.#entries.clear();
    this.#count = 0;
  }
}
