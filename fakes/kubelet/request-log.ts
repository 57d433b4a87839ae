// Records the latest HTTP exchanges of a kubelet.
import { BoundedLog } from '../base/bounded-log';
import type { Clock } from '../base/clock';
import type { HttpWrapper } from '../go/net-http/exchange';

/** An exchange, without bodies and credentials. */
export interface HttpRecord {
  readonly method: string;
  readonly target: string;
  /** Name of the authenticated user; undefined if the client was not authenticated. */
  readonly user: string | undefined;
  /** Status of the response; undefined if there was no response. */
  readonly status: number | undefined;
  /** Start of the exchange, milliseconds since the epoch. */
  readonly startedAt: number;
  /** End of the exchange, milliseconds since the epoch. */
  readonly endedAt: number;
}

export interface RequestLog {
  /** The latest exchanges, in the order in which they ended. */
  readonly records: readonly HttpRecord[];
  /** Adds each exchange to the records. */
  readonly wrapper: HttpWrapper;
}

/**
 * Maximum number of entries in the log, and their maximum size in bytes. The target of a single request can have 1 MiB.
 */
const LIMITS = { entries: 10_000, bytes: 16 * 1024 * 1024 };

/**
 * Copies a text. Without a copy, a part of a larger text, such as the request headers, would keep the whole text in
 * memory.
 */
const copyOf = (text: string): string => JSON.parse(JSON.stringify(text));

/** Creates an empty log whose times come from `clock`. */
export function requestLog(clock: Clock): RequestLog {
  const records = new BoundedLog<HttpRecord>(LIMITS);
  const wrapper: HttpWrapper = async (request, next) => {
    const { user } = request;
    const [method, target] = [copyOf(request.method), copyOf(request.target)];
    const startedAt = clock.now();
    let status: number | undefined;
    try {
      const response = await next(request);
      status = response.status;
      return response;
    } finally {
      const record = { method, target, user: user?.name, status, startedAt, endedAt: clock.now() };
      records.add(record, method.length + target.length);
    }
  };
  return {
    get records() {
      return records.entries;
    },
    wrapper,
  };
}
