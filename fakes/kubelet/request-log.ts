// A record of the latest HTTP exchanges of a kubelet. Its length is limited so that memory stays constant.
import type { Clock } from '../base/clock';
import type { HttpWrapper } from '../go/net-http/exchange';

/** One exchange. Bodies and credentials are not kept. */
export interface HttpRecord {
  readonly method: string;
  readonly target: string;
  /** Name of the authenticated user; undefined if the client was not authenticated. */
  readonly user: string | undefined;
  /** Undefined if no response was made. */
  readonly status: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

export interface RequestLog {
  /** The latest exchanges, in the order in which they ended. */
  readonly records: readonly HttpRecord[];
  /** Adds each exchange to the records. */
  readonly wrapper: HttpWrapper;
}

/** The log keeps at least this many of the latest exchanges, and at most twice as many. */
const MIN_KEPT = 10_000;

/** Creates an empty log whose times come from `clock`. */
export function requestLog(clock: Clock): RequestLog {
  const records: HttpRecord[] = [];
  const wrapper: HttpWrapper = async (request, next) => {
    const { method, target, user } = request;
    const startedAt = clock.now();
    let status: number | undefined;
    try {
      const response = await next(request);
      status = response.status;
      return response;
    } finally {
      if (records.length >= 2 * MIN_KEPT) records.splice(0, MIN_KEPT);
      records.push({ method, target, user: user?.name, status, startedAt, endedAt: clock.now() });
    }
  };
  return { records, wrapper };
}
