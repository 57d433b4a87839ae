// Finds tokens in header values as Go's net/http does.

/** Matches a token between commas, spaces, tabs or the ends of a value. */
const bounded = (token: string) => new RegExp(`(?:^|[ ,\\t])${token}(?:$|[ ,\\t])`, 'i');

const TOKENS = {
  '100-continue': bounded('100-continue'),
  close: bounded('close'),
  'keep-alive': bounded('keep-alive'),
} as const;

/**
 * Returns whether a value contains a token, ignoring case. Go's server uses this for Expect and Connection. It accepts
 * more than the comma-separated lists of the standard.
 */
export function hasToken(value: string, token: keyof typeof TOKENS): boolean {
  return value !== '' && TOKENS[token].test(value);
}
