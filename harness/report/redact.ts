// Redacts texts from a target for reports: no credentials, no environment values, no control characters, and a limited
// length.

import { withoutEnvironments } from './redact-environments';
import type { Result, RunFacts, TargetDescription } from './results';

const NOT_SHOWN = '(not shown)';
const MAX_SHOWN = 4_000;
/** Length of the mark at a cut, so that a text that was cut is not cut again. */
const MARK_LENGTH = 50;
/** How many exchanges are shown of a spec that polls. The first and the last show what happened. */
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

/** Matches the token in a ckptest command. It is replaced by a shell variable, so that the command still works. */
const TOKEN_FLAG = /(--token[ =])(?:'[^']*'|"[^"]*"|[^\s$]\S*)/g;
const withoutTokens = (text: string) =>
  text.replace(/\bckptest run .*/g, (command) => command.replace(TOKEN_FLAG, '$1"$TOKEN"'));

/** Characters that control, hide or reverse text, and single surrogates. They are escaped; line ends and tabs stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal or a page
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/gu;

const spelled = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Maximum number of characters that are read. The shown part is at the beginning. */
const MAX_READ = 64 * 1024;

/**
 * Returns the beginning of a text up to the last space, because a secret that was cut in half would not be recognized.
 */
function beginning(text: string): string {
  if (text.length <= MAX_READ) return text;
  const start = text.slice(0, MAX_READ);
  return start.slice(0, Math.max(start.lastIndexOf(' '), MAX_SHOWN));
}

/**
 * Redacts a text that comes from a target or is about one. Redacting twice changes nothing.
 *
 * @returns at most 4000 characters and a mark if the text was cut
 */
export function redacted(text: string): string {
  const read = beginning(text);
  // Cut after redacting: the patterns do not recognize half a secret.
  const safe = SECRETS.reduce(
    (kept, [pattern, shown]) => kept.replace(pattern, shown),
    withoutTokens(withoutEnvironments(read)),
  );
  const shown = safe.replace(UNPRINTABLE, spelled);
  const isWhole = read === text && shown.length <= MAX_SHOWN + MARK_LENGTH;
  return isWhole ? shown : `${shown.slice(0, MAX_SHOWN)}... (${text.length} characters)`;
}

/** Keeps the first, the last, and some of those that the violation is about; a step says how many are left out. */
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
