// What was asked of the kubelet and what it answered; the latest, so that memory stays flat.
import type { Clock } from '../base/clock';
import type { HttpWrapper } from '../go/net-http/exchange';

/** One exchange. Bodies and credentials are not kept. */
export interface HttpRecord {
  readonly method: string;
  readonly target: string;
  /** Name of who asked; undefined: nobody known. */
  readonly user: string | undefined;
  /** Undefined: no answer was made. */
  readonly status: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** So many exchanges are kept at least, and twice as many at most. */
const KEPT = 10_000;

/** A list of exchanges in the order of their ends, and the wrapper that fills it. */
export function requestLog(clock: Clock): { readonly records: readonly HttpRecord[]; readonly wrapper: HttpWrapper } {
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
      if (records.length >= 2 * KEPT) records.splice(0, KEPT);
      records.push({ method, target, user: user?.name, status, startedAt, endedAt: clock.now() });
    }
  };
  return { records, wrapper };
}
