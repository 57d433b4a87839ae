// Parses integers of 64 bits as Go's `strconv.ParseInt` does, and wraps them as Go's arithmetic does.

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/**
 * Parses a number as `strconv.ParseInt(text, 10, 64)` does.
 *
 * @returns the number; undefined if Go reports an error: no digits, characters other than digits and one sign, or a
 * number out of range
 */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  // Numbers of 64 bits have at most 19 digits after the leading zeros, and BigInt is slow for very long numbers.
  const [, sign = '', digits = ''] = /^([+-]?)0*([0-9]*)$/.exec(text) ?? [];
  if (digits.length > 19) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  return value < MIN_INT64 || value > MAX_INT64 ? undefined : value;
}

/** Returns the value of an `int64` after arithmetic that may have overflowed. */
export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
