// What was asked of the runtime, in order, in the words of the recorded calls of a kubelet.
import type { Clock } from '../../base/clock';
import { summaryOf } from './encoded';
import { inRecordedForm } from './recorded-form';

/** Of longer lists in an answer only so many entries are kept, so that polls of a full node cost no memory. */
export const MAX_LIST = 100;

export interface CallRecord {
  /** Counts from 1. */
  readonly index: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Absent while the call is running. */
  readonly endedAt?: number;
  readonly service: string;
  readonly method: string;
  /** As the caller's `grpc-timeout` says; absent where it set no deadline. */
  readonly deadlineSeconds?: number;
  /** Fields with their default values are left out, here and in the response; there lists end after 100 entries. */
  readonly request: object;
  readonly response?: object;
  /** `code` by name, as NOT_FOUND. */
  readonly error?: { readonly code: string; readonly message: string };
}

export type CallOutcome = { readonly response: object } | { readonly error: { code: string; message: string } };

/** Ends one row of the log. */
export type EndCall = (outcome: CallOutcome) => void;

type Row = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

/** A call as it was; most are never looked at, so the row for readers is made when there is one. */
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
  else row.response = inRecordedForm(outcome.response, MAX_LIST);
}

export class CallLog {
  readonly #clock: Clock;
  readonly #length: number;
  #entries: Entry[] = [];
  #count = 0;

  /** Keeps the last `length` rows. */
  constructor(clock: Clock, length: number) {
    this.#clock = clock;
    this.#length = length;
  }

  get rows(): readonly CallRecord[] {
    return this.#entries.map(rowOf);
  }

  begin(call: Entry['call']): EndCall {
    this.#count += 1;
    const entry: Entry = { index: this.#count, call, startedAt: this.#clock.now() };
    this.#entries.push(entry);
    if (this.#entries.length > this.#length * 1.1 + 1) this.#entries = this.#entries.slice(-this.#length);
    return (outcome) => {
      entry.endedAt = this.#clock.now();
      entry.outcome = 'error' in outcome ? outcome : { response: summaryOf(outcome.response) };
      finishRow(entry);
    };
  }

  clear(): void {
    this.#entries = [];
    this.#count = 0;
  }
}
