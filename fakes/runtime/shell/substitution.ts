// Finds where a command substitution ends: `$(...)`, with quotes and others of its kind in it, or backquotes.

export interface Substitution {
  readonly script: string;
  /** Characters of the whole, from the first sign to the last. */
  readonly length: number;
}

/** Index of what ends a part that begins behind `from`; undefined where nothing does. */
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
 * The substitution that a text begins with; undefined where it has no end.
 *
 * @param quoted whether it stands in double quotes, where a backslash within backquotes also hides a quote
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
