// What was asked of the runtime, in order, in the words of the recorded calls of a kubelet.
import type { Clock } from '../clock';
import { summaryOf } from './encoded';
import { plain } from './plain';

/** Of longer lists in an answer only so many entries are kept, so that polls of a full node cost no memory. */
export const LONGEST_LIST = 100;

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

/** Puts a message into a row; it is copied without its defaults when somebody first looks, which few ever do. */
function keepPlain(row: object, field: 'request' | 'response', message: object): void {
  let copy: object | undefined;
  const get = () => {
    copy ??= plain(message, field === 'response' ? LONGEST_LIST : undefined);
    return copy;
  };
  Object.defineProperty(row, field, { get, enumerable: true, configurable: true });
}

export class CallLog {
  readonly #clock: Clock;
  readonly #length: number;
  #rows: CallRecord[] = [];
  #count = 0;

  /** Keeps the last `length` rows. */
  constructor(clock: Clock, length: number) {
    this.#clock = clock;
    this.#length = length;
  }

  get rows(): readonly CallRecord[] {
    return this.#rows;
  }

  begin(call: Pick<CallRecord, 'service' | 'method' | 'request'> & { deadlineSeconds: number | undefined }): EndCall {
    const { service, method, request, deadlineSeconds } = call;
    this.#count += 1;
    const row: { -readonly [Key in keyof CallRecord]: CallRecord[Key] } = {
      index: this.#count,
      startedAt: this.#clock.now(),
      service,
      method,
      ...(deadlineSeconds !== undefined && { deadlineSeconds }),
      request: {},
    };
    keepPlain(row, 'request', request);
    this.#rows.push(row);
    if (this.#rows.length > this.#length * 1.1 + 1) this.#rows = this.#rows.slice(-this.#length);
    return (outcome) => {
      row.endedAt = this.#clock.now();
      if ('error' in outcome) row.error = outcome.error;
      else keepPlain(row, 'response', summaryOf(outcome.response));
    };
  }

  clear(): void {
    this.#rows = [];
    this.#count = 0;
  }
}
