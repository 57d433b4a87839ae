// What may be shown of what a target said: no credential, no value of an environment, nothing that bends a terminal or
// a page, and not without end.

import { withoutEnvironments } from './redact-environments';
import type { Result, RunFacts, TargetDescription } from './results';

const NOT_SHOWN = '(not shown)';
const MAX_SHOWN = 4_000;
/** Room for the mark of a cut, so that a text that was cut is not cut again. */
const MARK_LENGTH = 50;
/** A spec that asks until something happens exchanges much; the beginning and the end tell what happened. */
const MAX_EXCHANGES = { first: 10, last: 30 } as const;

/** Marks what the suite itself plants into the environment and the memory of its containers. */
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

/** A token that was given on a command line of ours, which stays one that works. */
const TOKEN_FLAG = /(--token[ =])(?:'[^']*'|"[^"]*"|[^\s$]\S*)/g;
const withoutTokens = (text: string) =>
  text.replace(/\bckptest run .*/g, (command) => command.replace(TOKEN_FLAG, '$1"$TOKEN"'));

/** Line ends and tabs stay; what else controls, hides or turns text is spelled out, and so is half a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal or a page
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/gu;

const spelled = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Longer texts are not looked through to their end: what is shown of them is at their beginning. */
const MAX_READ = 64 * 1024;

/** The beginning of a text without its last word, which may be half a secret. */
function beginning(text: string): string {
  if (text.length <= MAX_READ) return text;
  const start = text.slice(0, MAX_READ);
  return start.slice(0, Math.max(start.lastIndexOf(' '), MAX_SHOWN));
}

/** A text of a target, or about it, as a report may hold it. What is redacted already stays as it is. */
export function redacted(text: string): string {
  const read = beginning(text);
  // Cut last: half a secret is none that the patterns know.
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
    sent: `(${missing} exchanges are left out here)`,
    came: '',
  };
  return [...exchanges.slice(0, first), gap, ...kept, ...exchanges.slice(-last)];
}

/** A copy in which every text is redacted, whatever fields there are. */
function redactedTexts<T extends object>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? redacted(member) : member)),
  );
}

/** A result as everyone may read it. What the catalogue says of the rule is ours and stays. */
export function redactedResult(result: Result): Result {
  const { id: _id, title: _title, level: _level, strength: _strength, source: _source, ...rest } = result;
  const { exchanges } = rest;
  return { ...result, ...redactedTexts({ ...rest, ...(exchanges && { exchanges: fewer(exchanges) }) }) };
}

/** A description of a target as everyone may read it. */
export const redactedTarget = (target: TargetDescription): TargetDescription => redactedTexts(target);

/** How a run went, as everyone may read it. */
export const redactedRun = (run: RunFacts): RunFacts => redactedTexts(run);
