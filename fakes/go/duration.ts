// Durations as Go counts them: int64 nanoseconds, which overflow, and what grpc-go writes of them on the wire.
import { wrapInt64 } from './integers';

export const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** `time.Duration(seconds) * time.Second`: nanoseconds, wrapped at 64 bits; negative beyond 9223372036 s. */
export function nanosecondsOf(seconds: bigint): bigint {
  return wrapInt64(seconds * NANOSECONDS_PER_SECOND);
}

/** Milliseconds in so many nanoseconds, fraction kept as far as a number can. */
export function millisecondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
}

/** The units of `grpc-timeout`, in nanoseconds. */
const UNITS: readonly (readonly [unit: string, size: bigint])[] = [
  ['n', 1n],
  ['u', 1_000n],
  ['m', 1_000_000n],
  ['S', NANOSECONDS_PER_SECOND],
  ['M', 60n * NANOSECONDS_PER_SECOND],
  ['H', 3600n * NANOSECONDS_PER_SECOND],
];
/** Its value has at most eight digits. */
const MAX_VALUE = 99_999_999n;

/** Value of the `grpc-timeout` header: the finest unit that fits, rounded up. */
export function grpcTimeout(nanoseconds: bigint): string {
  if (nanoseconds <= 0n) return '0n';
  for (const [unit, size] of UNITS) {
    const amount = (nanoseconds + size - 1n) / size;
    if (amount <= MAX_VALUE) return `${amount}${unit}`;
  }
  return `${MAX_VALUE}H`;
}
