// The entries of an archive by name, and ways to read them that cost the same however large they are.
import { type CriuMessage, type CriuMessageName, criu } from '../../proto/load';
import table from '../../proto/tables/criu-images.json';
import type { ArchiveFile } from './archive-file';
import { canonicalName } from './entry-rules';
import type { Findings } from './findings';
import type { Entry } from './tar-scan';

/** Metadata of any sane container is smaller; bytes. */
const MAX_JSON = 16 * 1024 * 1024;
/** No message of any sane image is longer; bytes. */
const MAX_MESSAGE = 4 * 1024 * 1024;
/** Messages that are read of all images together; even a pagemap has one only where pages begin that are not in a row. */
const MAX_MESSAGES = 10_000_000;
const WINDOW = 256 * 1024;

const word = (name: keyof typeof table.magic) => Number(table.magic[name]);
const COMMON = word('IMG_COMMON_MAGIC');
const SERVICE = word('IMG_SERVICE_MAGIC');

/** Magic numbers by the first part of an image's name. */
const MAGIC: Readonly<Record<string, readonly number[]>> = {
  inventory: [word('INVENTORY_MAGIC')],
  'stats-dump': [SERVICE, word('STATS_MAGIC')],
  ...Object.fromEntries(
    (
      [
        ['cgroup', 'CGROUP_MAGIC'],
        ['core', 'CORE_MAGIC'],
        ['fdinfo', 'FDINFO_MAGIC'],
        ['files', 'FILES_MAGIC'],
        ['fs', 'FS_MAGIC'],
        ['ids', 'IDS_MAGIC'],
        ['ipcns-var', 'IPC_VAR_MAGIC'],
        ['mm', 'MM_MAGIC'],
        ['mountpoints', 'MNTS_MAGIC'],
        ['netns', 'NETNS_MAGIC'],
        ['pagemap', 'PAGEMAP_MAGIC'],
        ['pstree', 'PSTREE_MAGIC'],
        ['seccomp', 'SECCOMP_MAGIC'],
        ['timens', 'TIMENS_MAGIC'],
        ['userns', 'USERNS_MAGIC'],
        ['utsns', 'UTSNS_MAGIC'],
      ] as const
    ).map(([kind, magic]) => [kind, [COMMON, word(magic)]]),
  ),
};

const kindOf = (name: string) => name.replace(/^checkpoint\//, '').replace(/(-\d+)?\.img$/, '');

/** Bytes of the magic numbers of an image whose kind is known. */
const magicBytes = (name: string) => 4 * (MAGIC[kindOf(name)]?.length ?? 2);

export class Contents {
  readonly #byName = new Map<string, Entry>();
  #messages = 0;

  constructor(
    readonly file: ArchiveFile,
    readonly entries: readonly Entry[],
    readonly findings: Findings,
  ) {
    for (const entry of entries) this.#byName.set(canonicalName(entry), entry);
  }

  /** The entry of a name; of several, the last, as unpacking leaves it. */
  entry(name: string): Entry | undefined {
    return this.#byName.get(name);
  }

  /** The value of an entry of JSON; undefined, with a finding, where it is none. */
  async json(name: string): Promise<unknown> {
    const entry = this.entry(name);
    // That the archive ends in the middle of it is found already.
    if (!entry || entry.present < entry.size) return undefined;
    if (entry.size > MAX_JSON) {
      this.findings.add('json/unreadable', `it has ${entry.size} bytes, too many for metadata`, name);
      return undefined;
    }
    try {
      return JSON.parse((await this.file.bytes(entry.offset, entry.present)).toString('utf8'));
    } catch {
      this.findings.add('json/unreadable', 'it is not JSON', name);
      return undefined;
    }
  }

  /** Checks the magic numbers of every image whose kind is known. */
  async checkMagic(): Promise<void> {
    for (const [name, { offset, present }] of this.#byName) {
      const expected = name === 'stats-dump' || /^checkpoint\/.*\.img$/.test(name) ? MAGIC[kindOf(name)] : undefined;
      if (expected === undefined) continue;
      const bytes = await this.file.bytes(offset, Math.min(present, 4 * expected.length));
      if (bytes.length < 4 * expected.length || expected.some((one, i) => bytes.readUInt32LE(4 * i) !== one))
        this.findings.add('image/magic', `it does not begin as an image of ${kindOf(name)} does`, name);
    }
  }

  /**
   * The messages of an image, decoded one by one. The first may be of another kind than the rest, and is skipped then.
   * Ends, with a finding, where something cannot be read.
   */
  async *messages<Name extends CriuMessageName>(
    name: string,
    message: Name,
    skip = 0,
  ): AsyncGenerator<CriuMessage<Name>> {
    const codec = criu(message);
    let index = 0;
    for await (const frame of this.#frames(name)) {
      index += 1;
      if (index <= skip) continue;
      let decoded: CriuMessage<Name>;
      try {
        decoded = codec.decode(Buffer.from(frame));
      } catch {
        this.findings.add('image/unreadable', `its message ${index} is not a ${message}`, name);
        return;
      }
      yield decoded;
    }
  }

  /** The first message of an image; undefined, with a finding where there is the image, where there is none. */
  async first<Name extends CriuMessageName>(name: string, message: Name): Promise<CriuMessage<Name> | undefined> {
    for await (const decoded of this.messages(name, message)) return decoded;
    this.expectMessage(name);
    return undefined;
  }

  /** Finds against an image that is there and ends behind its magic numbers. */
  expectMessage(name: string): void {
    const isBare = this.entry(name)?.present === magicBytes(name);
    if (isBare) this.findings.add('image/unreadable', 'it has no message', name);
  }

  /** The bytes of each message, valid until the next is asked for. */
  async *#frames(name: string): AsyncGenerator<Buffer> {
    const entry = this.entry(name);
    if (!entry) return;
    const end = entry.offset + entry.present;
    let at = entry.offset + magicBytes(name);
    let window: Buffer = Buffer.alloc(0);
    let start = at;
    const ensure = async (length: number) => {
      if (at + length > end) return false;
      if (at + length > start + window.length) {
        window = await this.file.bytes(at, Math.min(end - at, Math.max(WINDOW, length)));
        start = at;
      }
      return at + length <= start + window.length;
    };
    while (at < end) {
      const size = (await ensure(4)) ? window.readUInt32LE(at - start) : -1;
      at += 4;
      if (size < 0 || size > MAX_MESSAGE || !(await ensure(size))) {
        this.findings.add('image/unreadable', `its message at byte ${at - 4 - entry.offset} is not whole`, name);
        return;
      }
      this.#messages += 1;
      // Each kind has fields that must be there. A hole in a file would be millions of messages otherwise.
      if (size === 0 || this.#messages > MAX_MESSAGES) {
        const message =
          size === 0 ? `its message at byte ${at - 4 - entry.offset} is empty` : 'there are too many messages';
        this.findings.add('image/unreadable', message, name);
        return;
      }
      yield window.subarray(at - start, at - start + size);
      at += size;
    }
  }
}
