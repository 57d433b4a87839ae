// Parses YAML in a time that is proportional to the length of the text, because texts may come from clients.
import type { Document, LineCounter, Node } from 'yaml';

/** Loads the YAML library when the first text is parsed, because many fakes never parse YAML. */
const yaml = (): typeof import('yaml') => require('yaml');

const MAX_BYTES = 1024 * 1024;
/** Maximum depth of nested lists and maps. Real files are far less deep. */
const MAX_DEPTH = 200;

/** A parsed text of one document. */
export interface ParsedYaml {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** A part of a text that must not be passed to the parser, at an offset in the text. */
interface Excess {
  readonly at: number;
  readonly says: string;
}

/**
 * Returns the position at which lists and maps are nested too deeply, or undefined if there is none. Brackets,
 * indentation and repeated dashes (`- - -`) can nest them.
 */
function tooDeep(text: string): Excess | undefined {
  let brackets = 0;
  let at = 0;
  let indents: number[] = [];
  for (const line of text.split('\n')) {
    const [, blank = '', markers = ''] = /^( *)((?:[-?] +)*)/.exec(line) ?? [];
    if (line.length > blank.length) {
      indents = indents.filter((indent) => indent < blank.length);
      indents.push(blank.length);
    }
    for (const character of line) {
      if (character === '[' || character === '{') brackets += 1;
      else if (character === ']' || character === '}') brackets = Math.max(0, brackets - 1);
      if (brackets > MAX_DEPTH) break;
    }
    const depth = Math.max(brackets, indents.length + markers.replaceAll(' ', '').length);
    if (depth > MAX_DEPTH)
      return { at, says: `the text is nested too deeply: nest at most ${MAX_DEPTH} lists and maps` };
    at += line.length + 1;
  }
  return undefined;
}

function tooLong(text: string): Excess | undefined {
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_BYTES
    ? { at: 0, says: `the text has ${bytes} bytes: give at most ${MAX_BYTES} bytes` }
    : undefined;
}

/**
 * Returns the first key that appears a second time in a mapping, or undefined if there is none. The library's own
 * search is slow, because it compares all pairs of keys.
 */
function repeatedKey(root: Node | null): Node | undefined {
  const { isMap, isScalar, isSeq } = yaml();
  const rest: unknown[] = [root];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (isSeq(node)) for (const item of node.items) rest.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      if (isScalar(key) && seen.has(key.value)) return key;
      if (isScalar(key)) seen.add(key.value);
      rest.push(value);
    }
  }
  return undefined;
}

/** Adds an error to a document. */
function refuse(document: Document, at: number, says: string): void {
  document.errors.push(new (yaml().YAMLParseError)([at, at + 1], 'IMPOSSIBLE', says));
}

/**
 * Parses a text of several documents, YAML or JSON. The last value of a repeated key counts.
 *
 * @returns the documents with their errors, if there are any
 */
export function parseYamlDocuments(text: string): { readonly documents: readonly Document[]; lines: LineCounter } {
  const { LineCounter, parseAllDocuments, Document: EmptyDocument } = yaml();
  const lines = new LineCounter();
  const excess = tooLong(text) ?? tooDeep(text);
  if (!excess) {
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false };
    return { documents: [...parseAllDocuments(text, options)], lines };
  }
  lines.addNewLine(0);
  for (const { index } of text.slice(0, excess.at).matchAll(/\n/g)) lines.addNewLine(index + 1);
  const document = new EmptyDocument();
  refuse(document, excess.at, excess.says);
  return { documents: [document], lines };
}

/**
 * Parses a text of one document, YAML or JSON.
 *
 * @param options.repeatedKeys whether a key may be repeated in a mapping. If so, its last value counts
 * @returns the document with its errors, if there are any
 */
export function parseYaml(text: string, { repeatedKeys = false } = {}): ParsedYaml {
  const { documents, lines } = parseYamlDocuments(text);
  const [document = new (yaml().Document)(), another] = documents;
  if (another) refuse(document, another.range?.[0] ?? 0, 'the text has several documents: give one');
  const repeated = repeatedKeys ? undefined : repeatedKey(document.contents);
  if (repeated)
    refuse(document, repeated.range?.[0] ?? 0, `the key ${String(repeated)} is repeated in its mapping: keep one`);
  return { document, lines };
}

/** Returns the first error of a document: its offset and a sentence about it. */
export function yamlFault({ errors: [error] }: Document): { readonly at: number; readonly says: string } | undefined {
  if (!error) return undefined;
  const [line = ''] = error.message.split('\n');
  return { at: error.pos[0], says: error.code === 'IMPOSSIBLE' ? line : `the text is not YAML: ${line}` };
}

/**
 * Parses a text of one document and returns its value.
 *
 * @throws Error that names the line of the first error
 */
export function yamlValue(text: string): unknown {
  const { document, lines } = parseYaml(text);
  const fault = yamlFault(document);
  if (fault) throw new Error(`line ${lines.linePos(fault.at).line}: ${fault.says}`);
  return document.toJS();
}
