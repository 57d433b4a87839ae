// Parses JSON and reports errors with the messages of Go's encoding/json, which runtimes return to their clients.

/** V8's messages for invalid JSON, and Go's messages for the same errors. `{c}` is the invalid character. */
const MESSAGES: readonly (readonly [ours: RegExp, go: string])[] = [
  [/^Unexpected end of JSON input|^Unterminated|^Bad/, 'unexpected end of JSON input'],
  [/^Unexpected non-whitespace character/, "invalid character '{c}' after top-level value"],
  [/^Expected (?:double-quoted )?property name/, "invalid character '{c}' looking for beginning of object key string"],
  [/^Expected ':'/, "invalid character '{c}' after object key"],
  [/^Expected ',' or '}'/, "invalid character '{c}' after object key:value pair"],
  [/^Expected ',' or ']'/, "invalid character '{c}' after array element"],
  [/./, "invalid character '{c}' looking for beginning of value"],
];

function goMessage(message: string, text: string): string {
  const at = /at position (\d+)/.exec(message)?.[1];
  const character = at === undefined ? /^Unexpected token '(.)'/s.exec(message)?.[1] : text[Number(at)];
  if (character === undefined) return 'unexpected end of JSON input';
  const [, go = ''] = MESSAGES.find(([ours]) => ours.test(message)) ?? [];
  return go.replace('{c}', character);
}

/** Returns Go's name for the type of a JSON value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A Go type into which JSON is decoded. */
export interface GoStruct {
  /** Name of the type in Go, with the package. */
  readonly type: string;
  /** Names of the fields that are strings. */
  readonly texts: readonly string[];
}

/**
 * Reads a JSON object as `json.Unmarshal` does.
 *
 * @returns the members of the object (none for `null`), or Go's error message
 */
export function readGoJson(
  text: string,
  { type, texts }: GoStruct,
): { value: Readonly<Record<string, unknown>> } | { error: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: goMessage(error instanceof Error ? error.message : '', text) };
  }
  if (value === null) return { value: {} };
  if (typeof value !== 'object' || Array.isArray(value)) {
    return { error: `json: cannot unmarshal ${kindOf(value)} into Go value of type ${type}` };
  }
  const fields: Record<string, unknown> = { ...value };
  for (const name of texts) {
    const field = fields[name];
    if (field === undefined || field === null || typeof field === 'string') continue;
    const struct = type.slice(type.indexOf('.') + 1);
    return {
      error: `json: cannot unmarshal ${kindOf(field)} into Go struct field ${struct}.${name} of type string`,
    };
  }
  return { value: fields };
}
