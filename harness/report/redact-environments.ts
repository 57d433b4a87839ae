// Removes the values of environment variables from JSON in a text, even if the JSON is a string inside other JSON.

/** Matches `"env": [`. Each level of nested JSON adds backslashes before the quotes. */
const OPENING = /(\\{0,15})"(?:envs?|environ|environment)\1"\s*:\s*\[/gi;

/**
 * Returns whether a quote after this many backslashes begins or ends a string at this nesting level. Such a quote has
 * `level` backslashes. Each backslash at the end of the string's content adds `2 * (level + 1)` backslashes.
 */
const isDelimiter = (backslashes: number, level: number) => backslashes % (2 * (level + 1)) === level;

/**
 * Returns the strings of a list and the index after it. If the text was truncated, the list ends at the end of the
 * text.
 */
function readList(text: string, start: number, level: number): { strings: string[]; end: number } {
  const strings: string[] = [];
  let stringStart: number | undefined;
  let depth = 1;
  let backslashes = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"' && isDelimiter(backslashes, level)) {
      if (stringStart !== undefined) strings.push(text.slice(stringStart, at - backslashes));
      stringStart = stringStart === undefined ? at + 1 : undefined;
    } else if (stringStart === undefined && character === '[') depth += 1;
    else if (stringStart === undefined && character === ']') depth -= 1;
    if (depth === 0) return { strings, end: at + 1 };
    backslashes = character === '\\' ? backslashes + 1 : 0;
  }
  return { strings, end: text.length };
}

/** Returns the names in `NAME=value` strings, and in objects with `key` or `name`. */
function namesIn(strings: readonly string[]): string[] {
  return strings.flatMap((text, index) => {
    const before = strings[index - 1];
    if (before === 'key' || before === 'name') return [text];
    return /^[A-Za-z_][\w.-]*=/.test(text) ? [text.slice(0, text.indexOf('='))] : [];
  });
}

/** Matches a list that is already redacted. Redacting it again must not change it. */
const SAFE = /(?:[\w.-]+=\(not shown\)(?:, )?)*\]/y;

function isSafe(text: string, start: number): boolean {
  SAFE.lastIndex = start;
  return SAFE.test(text);
}

/** Replaces the values of all environment variables in a text and keeps the names. */
export function withoutEnvironments(text: string): string {
  let rest = 0;
  let kept = '';
  for (const match of text.matchAll(OPENING)) {
    if (match.index < rest) continue;
    const start = match.index + match[0].length;
    if (isSafe(text, start)) continue;
    const { strings, end } = readList(text, start, match[1]?.length ?? 0);
    const names = namesIn(strings).map((name) => `${name}=(not shown)`);
    kept += `${text.slice(rest, start)}${names.join(', ')}]`;
    rest = end;
  }
  return kept + text.slice(rest);
}
