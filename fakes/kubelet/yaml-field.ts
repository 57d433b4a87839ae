// Reads typed values from a YAML document. Errors name the file, the line and the field.
import type { Document, LineCounter } from 'yaml';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';
import { yamlFault } from '../base/yaml-text';
import { parseGoDuration } from '../go/duration-text';

/** A parsed YAML document. */
export interface YamlSource {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/**
 * Returns the root of a document.
 * @param what the expected kind of document, such as `a manifest`
 * @throws UserError with file and line if the text is not YAML or its aliases expand without limit
 */
export function rootField(source: YamlSource, what: string): YamlField {
  const { file, document, lines } = source;
  const fault = yamlFault(document);
  if (fault) throw new UserError(`${file}:${lines.linePos(fault.at).line}: ${fault.says}.`);
  try {
    return new YamlField(source, document.toJS());
  } catch (cause) {
    throw new UserError(`${file}:1: not ${what}: ${errorCodeOrText(cause)}.`);
  }
}

/** The value at one path of a document. Its methods throw UserError, with file and line, if the value has the wrong type. */
export class YamlField {
  constructor(
    readonly source: YamlSource,
    readonly value: unknown,
    readonly path: readonly (string | number)[] = [],
  ) {}

  /** Line of the value. If the value is absent, the line of the innermost existing value that would contain it. */
  get line(): number {
    for (let depth = this.path.length; depth >= 0; depth -= 1) {
      const node =
        depth === 0 ? this.source.document.contents : this.source.document.getIn(this.path.slice(0, depth), true);
      if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range)) {
        return this.source.lines.linePos(Number(node.range[0])).line;
      }
    }
    return 1;
  }

  /** The path as text, such as `spec.containers[0].name`; empty for the root. */
  get name(): string {
    return this.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
      '',
    );
  }

  /**
   * Throws a UserError about this value.
   * @param what the rest of the sentence after the field's name
   */
  fail(what: string): never {
    const { name } = this;
    throw new UserError(`${this.source.file}:${this.line}: ${name ? `${name} ` : ''}${what}.`);
  }

  /** True if the value is missing or null. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** Returns a field of a mapping; an absent field if the mapping does not contain it or is itself absent. */
  get(key: string): YamlField {
    if (!this.isAbsent && (typeof this.value !== 'object' || Array.isArray(this.value))) this.fail('must be a mapping');
    const values = new Map(Object.entries(this.value ?? {}));
    return new YamlField(this.source, values.get(key), [...this.path, key]);
  }

  /** Returns the items of a list; an empty list if it is absent. */
  list(): YamlField[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) this.fail('must be a list');
    return this.value.map((value: unknown, i) => new YamlField(this.source, value, [...this.path, i]));
  }

  /**
   * Returns a string.
   * @param absent the value of an absent field; without it, the field is required
   */
  string(absent?: string): string {
    if (this.isAbsent) return absent ?? this.fail('is missing');
    return typeof this.value === 'string' ? this.value : this.fail('must be a string; put it in quotation marks');
  }

  /** Returns a list of strings; an empty list if it is absent. */
  strings(): string[] {
    return this.list().map((item) => item.string());
  }

  /** Returns a mapping of strings; empty if it is absent. */
  record(): Record<string, string> {
    if (this.isAbsent) return {};
    if (typeof this.value !== 'object' || Array.isArray(this.value)) this.fail('must be a mapping');
    return Object.fromEntries(Object.keys(this.value ?? {}).map((key) => [key, this.get(key).string('')]));
  }

  /**
   * Returns a boolean.
   * @param absent the value of an absent field
   */
  boolean(absent: boolean): boolean {
    if (this.isAbsent) return absent;
    return typeof this.value === 'boolean' ? this.value : this.fail('must be true or false');
  }

  /**
   * Returns an integer that is not negative.
   * @param absent the value of an absent field
   */
  integer(absent: number): number {
    if (this.isAbsent) return absent;
    return typeof this.value === 'number' && Number.isSafeInteger(this.value) && this.value >= 0
      ? this.value
      : this.fail('must be an integer, zero or more');
  }

  /** Returns a mapping of booleans; empty if it is absent. */
  booleans(): Record<string, boolean> {
    if (this.isAbsent) return {};
    if (typeof this.value !== 'object' || Array.isArray(this.value)) this.fail('must be a mapping');
    return Object.fromEntries(Object.keys(this.value ?? {}).map((key) => [key, this.get(key).boolean(false)]));
  }

  /**
   * Reads a duration as Go writes it.
   * @param absent the value of an absent field, nanoseconds
   * @returns the duration, nanoseconds
   */
  duration(absent: bigint): bigint {
    if (this.isAbsent) return absent;
    const nanoseconds = typeof this.value === 'string' ? parseGoDuration(this.value) : undefined;
    return nanoseconds ?? this.fail('must be a duration such as "2m" or "1h30m"');
  }

  /**
   * Returns a string that is one of the choices.
   * @param absent the value of an absent field
   */
  choice<Choice extends string>(choices: readonly Choice[], absent: Choice): Choice {
    if (this.isAbsent) return absent;
    return choices.find((choice) => choice === this.value) ?? this.fail(`must be one of ${choices.join(', ')}`);
  }

  /**
   * Returns a string that matches a pattern.
   * @param rule description of the pattern for the error message
   */
  named(pattern: RegExp, rule: string): string {
    const text = this.string();
    return pattern.test(text) ? text : this.fail(`${JSON.stringify(text)} is not a valid name: ${rule}`);
  }
}
