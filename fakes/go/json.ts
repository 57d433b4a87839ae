// Writes JSON as Go's encoding/json does: compact, with `<`, `>` and `&` escaped, and without rounding integers of 64
// bits.

/** A value that can be written. Undefined members are omitted, and a bigint is an integer that may exceed 2^53. */
export type GoValue =
  | Written
  | string
  | number
  | boolean
  | bigint
  | null
  | readonly GoValue[]
  | { readonly [key: string]: GoValue | undefined };

/** A value that is already JSON text. */
export class Written {
  constructor(readonly json: string) {}
}

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Matches a text without characters that must be escaped, which is the most frequent case. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character] ?? character);
}

/**
 * Writes a value as compact JSON.
 *
 * @param value the value. The members of an object keep their order, like the fields of a Go struct; use `goMap` for a
 * Go map
 */
export function goJson(value: GoValue): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Written) return value.json;
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  let members = '';
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members += `${members === '' ? '' : ','}${text(key)}:${goJson(member)}`;
  }
  return `{${members}}`;
}

/**
 * Sorts a map as Go writes it, by the bytes of its keys.
 *
 * @returns the sorted map; undefined if the map is empty, so that it is omitted (`omitempty`)
 */
export function goMap(map: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const keys = Object.keys(map);
  // For ASCII, the order of bytes is the order of JavaScript's code units.
  if (keys.every((key) => PLAIN.test(key))) keys.sort();
  else keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, map[key] ?? '']));
}

/** Writes a value once, for values that many other values contain. */
export function written(value: GoValue): Written {
  return new Written(goJson(value));
}

const OPENING = '{[';
const CLOSING = '}]';

/** Writes a value as `json.MarshalIndent` does with two spaces. */
export function goJsonIndented(value: GoValue): string {
  const json = goJson(value);
  let result = '';
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i] ?? '';
    const next = json[i + 1] ?? '';
    if (quoted) {
      result += character;
      if (character === '\\') result += json[++i] ?? '';
      quoted = character !== '"';
    } else if (OPENING.includes(character) && !CLOSING.includes(next)) {
      depth += 1;
      result += `${character}\n${'  '.repeat(depth)}`;
    } else if (CLOSING.includes(character) && !OPENING.includes(json[i - 1] ?? '')) {
      depth -= 1;
      result += `\n${'  '.repeat(depth)}${character}`;
    } else if (character === ',') result += `,\n${'  '.repeat(depth)}`;
    else if (character === ':') result += ': ';
    else {
      result += character;
      quoted = character === '"';
    }
  }
  return result;
}
