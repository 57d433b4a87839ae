// Checks the token that clients of the control address must send.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Reads a token and returns the check of the header `Authorization`.
 * @param file path of the file with the token; white space around the token is ignored
 * @throws UserError if the file cannot be read, or does not contain exactly one token
 */
export function tokenCheck(file: string): (authorization: string | undefined) => boolean {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UserError(`--control-token-file ${file}: it cannot be read (${errorCodeOrText(error)})`);
  }
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UserError(`--control-token-file ${file}: it must contain a token: one line without spaces`);
  const expected = digest(`Bearer ${token}`);
  return (authorization = '') => timingSafeEqual(digest(authorization), expected);
}
