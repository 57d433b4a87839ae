// Tokens in header values, found as Go's net/http finds them.

/** A token between commas, spaces, tabs or the ends of a value. */
const bounded = (token: string) => new RegExp(`(?:^|[ ,\\t])${token}(?:$|[ ,\\t])`, 'i');

const TOKENS = {
  '100-continue': bounded('100-continue'),
  close: bounded('close'),
  'keep-alive': bounded('keep-alive'),
} as const;

/** Whether `value` has `token`, in any case. That is laxer than a list of tokens, and what Go's server goes by for Expect and Connection. */
export function hasToken(value: string, token: keyof typeof TOKENS): boolean {
  return value !== '' && TOKENS[token].test(value);
}
