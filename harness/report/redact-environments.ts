// Takes the values out of an environment that stands in a text as JSON, also where that JSON is a string of other JSON.

/** `"env": [`, with as many backslashes before each quote as JSON in JSON in JSON asks for. */
const OPENING = /(\\{0,15})"(?:envs?|environ|environment)\1"\s*:\s*\[/gi;

/**
 * One level of JSON more writes each backslash twice and one before the quote. A quote that ends a string has the
 * backslashes of its own level and, before them, whole backslashes of the string's content.
 */
const isDelimiter = (backslashes: number, level: number) => backslashes % (2 * (level + 1)) === level;

/** The strings of a list, and where it ends: the end of the text where it was cut off. */
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

/** Names of `NAME=value` strings, and of objects with `key` or `name`. */
function namesIn(strings: readonly string[]): string[] {
  return strings.flatMap((text, index) => {
    const before = strings[index - 1];
    if (before === 'key' || before === 'name') return [text];
    return /^[A-Za-z_][\w.-]*=/.test(text) ? [text.slice(0, text.indexOf('='))] : [];
  });
}

/** A list as it is written here, which must survive being read again. */
const SAFE = /(?:[\w.-]+=\(not shown\)(?:, )?)*\]/y;

function isSafe(text: string, start: number): boolean {
  SAFE.lastIndex = start;
  return SAFE.test(text);
}

/** The text with the names of each environment and none of its values. */
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
