// Finds the end of a command substitution: `$(...)`, which can contain quotes and other substitutions, or backquotes.

export interface Substitution {
  readonly script: string;
  /** Length of the whole substitution with its delimiters, in characters. */
  readonly length: number;
}

/**
 * A function that returns the index of the last character of the part that starts at `from`; undefined if this part
 * does not end.
 */
type End = (text: string, from: number) => number | undefined;

const after = (end: number | undefined) => end && end + 1;

const singleQuoteEnd: End = (text, from) => {
  const end = text.indexOf("'", from);
  return end < 0 ? undefined : end;
};

const doubleQuoteEnd: End = (text, from) => {
  let at: number | undefined = from;
  while (at !== undefined && at < text.length) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at += 2;
    else if (text.startsWith('$(', at)) at = after(parenthesisEnd(text, at + 2));
    else at += 1;
  }
  return undefined;
};

const parenthesisEnd: End = (text, from) => {
  let at: number | undefined = from;
  while (at !== undefined && at < text.length) {
    if (text[at] === ')') return at;
    if (text[at] === '\\') at += 2;
    else if (text[at] === "'") at = after(singleQuoteEnd(text, at + 1));
    else if (text[at] === '"') at = after(doubleQuoteEnd(text, at + 1));
    else if (text[at] === '(') at = after(parenthesisEnd(text, at + 1));
    else at += 1;
  }
  return undefined;
};

/**
 * Parses the substitution at the start of a text. Returns undefined if the substitution does not end.
 * @param quoted whether the substitution is in double quotes, where a backslash in backquotes also escapes a quote
 */
export function substitution(text: string, quoted: boolean): Substitution | undefined {
  if (text.startsWith('$(')) {
    const end = parenthesisEnd(text, 2);
    return end === undefined ? undefined : { script: text.slice(2, end), length: end + 1 };
  }
  const whole = /^`((?:[^`\\]|\\.)*)`/s.exec(text);
  if (!whole) return undefined;
  const script = (whole[1] ?? '').replace(quoted ? /\\([\\`$"])/g : /\\([\\`$])/g, '$1');
  return { script, length: whole[0].length };
}
