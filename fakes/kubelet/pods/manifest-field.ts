// Reads values out of a manifest and knows the line of each, so that what is wrong can be pointed at.
import type { Document, LineCounter } from 'yaml';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { parseGoDuration } from '../../go/duration-text';

/** A document of a manifest file. */
export interface ManifestSource {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/**
 * All that a document says.
 *
 * @param what it has to be, with its article
 * @throws UserError with file and line, where it is not YAML or its aliases grow without bounds
 */
export function rootField(source: ManifestSource, what: string): ManifestField {
  const { file, document, lines } = source;
  const [error] = document.errors;
  if (error)
    throw new UserError(`${file}:${lines.linePos(error.pos[0]).line}: not YAML: ${error.message.split('\n')[0]}.`);
  try {
    return new ManifestField(source, document.toJS());
  } catch (cause) {
    throw new UserError(`${file}:1: not ${what}: ${errorCodeOrText(cause)}.`);
  }
}

/** One value at a path of a document. */
export class ManifestField {
  constructor(
    readonly source: ManifestSource,
    readonly value: unknown,
    readonly path: readonly (string | number)[] = [],
  ) {}

  /** Line of the value, or of the nearest thing around it. */
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

  /** Throws UserError with file and line. */
  fail(what: string): never {
    const name = this.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
      '',
    );
    throw new UserError(`${this.source.file}:${this.line}: ${name ? `${name} ` : ''}${what}.`);
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get(key: string): ManifestField {
    if (!this.isAbsent && (typeof this.value !== 'object' || Array.isArray(this.value))) this.fail('must be a mapping');
    const values = new Map(Object.entries(this.value ?? {}));
    return new ManifestField(this.source, values.get(key), [...this.path, key]);
  }

  list(): ManifestField[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) this.fail('must be a list');
    return this.value.map((value: unknown, i) => new ManifestField(this.source, value, [...this.path, i]));
  }

  string(absent?: string): string {
    if (this.isAbsent) return absent ?? this.fail('is missing');
    return typeof this.value === 'string' ? this.value : this.fail('must be text; put it into quotation marks');
  }

  strings(): string[] {
    return this.list().map((item) => item.string());
  }

  record(): Record<string, string> {
    if (this.isAbsent) return {};
    if (typeof this.value !== 'object' || Array.isArray(this.value)) this.fail('must be a mapping');
    return Object.fromEntries(Object.keys(this.value ?? {}).map((key) => [key, this.get(key).string('')]));
  }

  boolean(absent: boolean): boolean {
    if (this.isAbsent) return absent;
    return typeof this.value === 'boolean' ? this.value : this.fail('must be true or false');
  }

  integer(absent: number): number {
    if (this.isAbsent) return absent;
    return typeof this.value === 'number' && Number.isSafeInteger(this.value) && this.value >= 0
      ? this.value
      : this.fail('must be a whole number, zero or more');
  }

  /** A list of booleans by name. */
  booleans(): Record<string, boolean> {
    if (this.isAbsent) return {};
    if (typeof this.value !== 'object' || Array.isArray(this.value)) this.fail('must be a mapping');
    return Object.fromEntries(Object.keys(this.value ?? {}).map((key) => [key, this.get(key).boolean(false)]));
  }

  /** Nanoseconds of a duration as Go writes it. */
  duration(absent: bigint): bigint {
    if (this.isAbsent) return absent;
    const nanoseconds = typeof this.value === 'string' ? parseGoDuration(this.value) : undefined;
    return nanoseconds ?? this.fail('must be a duration such as "2m" or "1h30m"');
  }

  choice<Choice extends string>(choices: readonly Choice[], absent: Choice): Choice {
    if (this.isAbsent) return absent;
    return choices.find((choice) => choice === this.value) ?? this.fail(`must be one of ${choices.join(', ')}`);
  }

  /** Text that fits a pattern; `rule` says which. */
  named(pattern: RegExp, rule: string): string {
    const text = this.string();
    return pattern.test(text) ? text : this.fail(`${JSON.stringify(text)} is no valid name: ${rule}`);
  }
}
