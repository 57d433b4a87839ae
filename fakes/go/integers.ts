// Whole numbers as Go reads them: strconv.ParseInt with base 10 and 64 bits, and the wrap-around of its arithmetic.

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The number that `text` says, or undefined where Go gives an error: no digits, anything else beside a sign, or out of range. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  // No number of 64 bits has more than 19 digits once its leading zeros are gone; BigInt is slow on very long ones.
  const [, sign = '', digits = ''] = /^([+-]?)0*([0-9]*)$/.exec(text) ?? [];
  if (digits.length > 19) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  return value < MIN_INT64 || value > MAX_INT64 ? undefined : value;
}

/** What an int64 of Go holds after arithmetic that may have overflowed. */
export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
