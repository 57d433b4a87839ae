// Redacts texts from a target for reports: removes credentials, values of environment variables and control characters,
// and limits the length.

import { withoutEnvironments } from './redact-environments';
import type { Result, RunFacts, TargetDescription } from './results';

const NOT_SHOWN = '(not shown)';
const MAX_SHOWN = 4_000;
/**
 * Maximum length of the mark that ends a shortened text, characters. A text is not shortened if it exceeds the limit by
 * at most this length, so redacting a shortened text does not shorten it again.
 */
const MARK_LENGTH = 50;
/**
 * Maximum number of exchanges that a report shows for a spec. A spec that polls has many, and the first and last ones
 * show what happened.
 */
const MAX_EXCHANGES = { first: 10, last: 30 } as const;

/** Matches the values that the suite puts into the environment and the memory of its containers. */
const CANARY = /ckptest-canary-[\w-]*/g;

const SECRETS: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/\b(bearer|basic)(\s+)(?!(?:tokens?|realm|auth\w*)\b)[\w.~+/=-]+/gi, `$1$2${NOT_SHOWN}`],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-auth-token)(\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"'\\]+/gi,
    `$1$2${NOT_SHOWN}`,
  ],
  [/-----BEGIN [^-]*PRIVATE KEY-----.*?(?:-----END [^-]*-----|$)/gs, NOT_SHOWN],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, NOT_SHOWN],
  [/(\/\/)[^\s/@"':]{1,256}:[^\s/@"']{1,256}(@)/g, `$1${NOT_SHOWN}$2`],
  [/([?&](?:access_)?token=)[^\s&"'#(]+/gi, `$1${NOT_SHOWN}`],
  [CANARY, NOT_SHOWN],
];

/**
 * Matches the token in a ckptest command. The token is replaced by a shell variable, so that the command still works.
 */
const TOKEN_FLAG = /(--token[ =])(?:'[^']*'|"[^"]*"|[^\s$]\S*)/g;
const withoutTokens = (text: string) =>
  text.replace(/\bckptest run .*/g, (command) => command.replace(TOKEN_FLAG, '$1"$TOKEN"'));

/**
 * Matches characters that control, hide or reverse text, and single surrogates. Reports show them escaped. Line ends
 * and tabs do not match.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal or a page
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/gu;

const spelled = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Maximum number of characters of a text that are searched for secrets. Reports show only the beginning of a text. */
const MAX_READ = 64 * 1024;

/** Returns the beginning of a text. Cuts the text at a space, because the patterns do not match half a secret. */
function beginning(text: string): string {
  if (text.length <= MAX_READ) return text;
  const start = text.slice(0, MAX_READ);
  return start.slice(0, Math.max(start.lastIndexOf(' '), MAX_SHOWN));
}

/**
 * Redacts a text that comes from a target or describes a target. Redacting twice changes nothing.
 *
 * @returns at most 4000 characters, plus a mark if the text was shortened
 */
export function redacted(text: string): string {
  const read = beginning(text);
  // Shorten the text after redacting it, because the patterns do not match half a secret.
  const safe = SECRETS.reduce(
    (kept, [pattern, shown]) => kept.replace(pattern, shown),
    withoutTokens(withoutEnvironments(read)),
  );
  const shown = safe.replace(UNPRINTABLE, spelled);
  const isWhole = read === text && shown.length <= MAX_SHOWN + MARK_LENGTH;
  return isWhole ? shown : `${shown.slice(0, MAX_SHOWN)}... (${text.length} characters)`;
}

/**
 * Keeps the first exchanges, the last exchanges, and some that the violation is about. An additional entry says how
 * many exchanges were omitted.
 */
function fewer(exchanges: NonNullable<Result['exchanges']>): NonNullable<Result['exchanges']> {
  const { first, last } = MAX_EXCHANGES;
  const middle = exchanges.slice(first, -last);
  const kept = middle.filter(({ matters }) => matters).slice(-first);
  const missing = middle.length - kept.length;
  if (missing <= 1) return exchanges;
  const gap = {
    wire: middle[0]?.wire ?? ('HTTP' as const),
    sent: `(${missing} exchanges are omitted here)`,
    came: '',
  };
  return [...exchanges.slice(0, first), gap, ...kept, ...exchanges.slice(-last)];
}

/** Returns a copy in which every string is redacted. */
function redactedTexts<T extends object>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? redacted(member) : member)),
  );
}

/** Redacts a result. The fields from the catalogue contain no secrets and stay unchanged. */
export function redactedResult(result: Result): Result {
  const { id: _id, title: _title, level: _level, strength: _strength, source: _source, ...rest } = result;
  const { exchanges } = rest;
  return { ...result, ...redactedTexts({ ...rest, ...(exchanges && { exchanges: fewer(exchanges) }) }) };
}

/** Redacts the description of a target. */
export const redactedTarget = (target: TargetDescription): TargetDescription => redactedTexts(target);

/** Redacts the facts of a run. */
export const redactedRun = (run: RunFacts): RunFacts => redactedTexts(run);
