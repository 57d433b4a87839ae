// Tokens in header values, found as Go's net/http finds them.

/**
 * Whether `value` has `token` between commas, spaces, tabs or its ends, in any case. That is laxer than a list of tokens,
 * and what Go's server goes by for Expect and Connection.
 * @param token in lower case, letters, digits and dashes only
 */
export function hasToken(value: string, token: string): boolean {
  return new RegExp(`(?:^|[ ,\\t])${token}(?:$|[ ,\\t])`, 'i').test(value);
}
