// JSON as Go's encoding/json writes it: compact, `<`, `>` and `&` escaped, integers of 64 bits whole.

/** What can be written; undefined members are left out, and a bigint stands for an integer above 2^53. */
export type GoValue =
  | Written
  | string
  | number
  | boolean
  | bigint
  | null
  | readonly GoValue[]
  | { readonly [key: string]: GoValue | undefined };

/** A value that is written already. */
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

/** Nothing in it is escaped; most texts are such. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character] ?? character);
}

/** Members in the order given, as Go writes the fields of a struct; sort a map with `goMap` first. */
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

/** A Go map with its keys sorted by bytes, as they come out; undefined where it is empty (`omitempty`). */
export function goMap(map: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const keys = Object.keys(map);
  // ASCII sorts by bytes as it sorts by JavaScript's code units.
  if (keys.every((key) => PLAIN.test(key))) keys.sort();
  else keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, map[key] ?? '']));
}

/** Writes a value that goes into many others once and for all. */
export function written(value: GoValue): Written {
  return new Written(goJson(value));
}

const OPENING = '{[';
const CLOSING = '}]';

/** As Go's MarshalIndent with two spaces. */
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
