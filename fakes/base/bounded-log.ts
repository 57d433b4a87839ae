// Keeps a log of the latest entries. Both the number and the size of the entries are limited, so that clients cannot
// fill the memory.

/** The limits of a log. */
export interface LogLimits {
  /**
   * Maximum number of entries, if they do not exceed the limit in bytes. The log may temporarily contain up to a tenth
   * more entries.
   */
  readonly entries: number;
  /** Maximum size of all entries together, bytes. The latest entry is always kept. */
  readonly bytes: number;
}

interface Kept<Entry> {
  readonly entry: Entry;
  bytes: number;
  isDropped?: true;
}

export class BoundedLog<Entry> {
  readonly #limits: LogLimits;
  #kept: Kept<Entry>[] = [];
  #bytes = 0;

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  /** The kept entries; the latest one is last. */
  get entries(): Entry[] {
    return this.#kept.map(({ entry }) => entry);
  }

  /**
   * Adds an entry and drops the oldest ones if there are too many.
   * @returns a function that increases the size of this entry by a number of bytes
   */
  add(entry: Entry, bytes: number): (more: number) => void {
    const kept: Kept<Entry> = { entry, bytes: 0 };
    this.#kept.push(kept);
    const grow = (more: number) => {
      if (kept.isDropped) return;
      kept.bytes += more;
      this.#bytes += more;
      this.#limit();
    };
    grow(bytes);
    return grow;
  }

  clear(): void {
    for (const kept of this.#kept) kept.isDropped = true;
    this.#kept = [];
    this.#bytes = 0;
  }

  /** Drops old entries, many of them at once, because each drop copies the list. */
  #limit(): void {
    const { entries, bytes } = this.#limits;
    let drop = this.#kept.length > entries * 1.1 + 1 ? this.#kept.length - entries : 0;
    let left = this.#bytes - this.#kept.slice(0, drop).reduce((sum, kept) => sum + kept.bytes, 0);
    if (left > bytes) {
      for (; drop < this.#kept.length - 1 && left > bytes / 2; drop++) left -= this.#kept[drop]?.bytes ?? 0;
    }
    if (drop === 0) return;
    for (const kept of this.#kept.splice(0, drop)) kept.isDropped = true;
    this.#bytes = left;
  }
}

/**
 * Returns the approximate size of a message in bytes: the sizes of its strings and buffers, plus a few bytes for every
 * value.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 16;
  for (const key in value) bytes += key.length + sizeOf((value as Readonly<Record<string, unknown>>)[key]);
  return bytes;
}
