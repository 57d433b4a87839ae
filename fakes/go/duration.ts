// Computes durations as Go does, in nanoseconds of 64 bits that overflow, and formats them as grpc-go does.
import { wrapInt64 } from './integers';

export const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/**
 * Computes `time.Duration(seconds) * time.Second`.
 *
 * @returns the duration in nanoseconds, wrapped at 64 bits. For 9223372037 s, for example, the result is negative
 */
export function nanosecondsOf(seconds: bigint): bigint {
  return wrapInt64(seconds * NANOSECONDS_PER_SECOND);
}

/** Converts nanoseconds to milliseconds, with a fraction that is as precise as a number allows. */
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
/** The largest number in a `grpc-timeout`, which has at most eight digits. */
const MAX_VALUE = 99_999_999n;

/**
 * Writes the value of the `grpc-timeout` header as grpc-go does: in the smallest unit that fits, rounded up.
 *
 * @param nanoseconds the remaining time, nanoseconds
 */
export function grpcTimeout(nanoseconds: bigint): string {
  if (nanoseconds <= 0n) return '0n';
  for (const [unit, size] of UNITS) {
    const amount = (nanoseconds + size - 1n) / size;
    if (amount <= MAX_VALUE) return `${amount}${unit}`;
  }
  return `${MAX_VALUE}H`;
}
