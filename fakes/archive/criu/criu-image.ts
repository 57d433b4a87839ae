// Writes and splits CRIU image files, which consist of magic numbers and messages, each preceded by its size.
import { leadingWordCount, leadingWords } from '../../../proto/criu-magic';
import { type CriuInit, type CriuMessageName, criu } from '../../../proto/load';

/** Size of a magic number, and of the length before a message, in bytes. */
const WORD = 4;

/** Kinds of image files: the magic numbers at their start, and the messages of their entries. */
const KINDS = {
  cgroup: { magic: leadingWords('CGROUP_MAGIC'), entry: 'cgroup_entry' },
  core: { magic: leadingWords('CORE_MAGIC'), entry: 'core_entry' },
  fdinfo: { magic: leadingWords('FDINFO_MAGIC'), entry: 'fdinfo_entry' },
  files: { magic: leadingWords('FILES_MAGIC'), entry: 'file_entry' },
  fs: { magic: leadingWords('FS_MAGIC'), entry: 'fs_entry' },
  ids: { magic: leadingWords('IDS_MAGIC'), entry: 'task_kobj_ids_entry' },
  inventory: { magic: leadingWords('INVENTORY_MAGIC'), entry: 'inventory_entry' },
  ipcVariables: { magic: leadingWords('IPC_VAR_MAGIC'), entry: 'ipc_var_entry' },
  mm: { magic: leadingWords('MM_MAGIC'), entry: 'mm_entry' },
  mountpoints: { magic: leadingWords('MNTS_MAGIC'), entry: 'mnt_entry' },
  pagemap: { magic: leadingWords('PAGEMAP_MAGIC'), entry: 'pagemap_entry' },
  pstree: { magic: leadingWords('PSTREE_MAGIC'), entry: 'pstree_entry' },
  seccomp: { magic: leadingWords('SECCOMP_MAGIC'), entry: 'seccomp_entry' },
  stats: { magic: leadingWords('STATS_MAGIC'), entry: 'stats_entry' },
  timens: { magic: leadingWords('TIMENS_MAGIC'), entry: 'timens_entry' },
  uts: { magic: leadingWords('UTSNS_MAGIC'), entry: 'utsns_entry' },
} as const satisfies Record<string, { magic: readonly number[]; entry: CriuMessageName }>;

/** A kind of image file. */
export type ImageKind = keyof typeof KINDS;
type EntryName<K extends ImageKind> = (typeof KINDS)[K]['entry'];
/** The message that is encoded in an entry of an image. */
export type ImageEntry<K extends ImageKind> = CriuInit<EntryName<K>>;

/** Wire type of a protobuf field that starts with its length. */
const LENGTH_DELIMITED = 2;

/**
 * Encodes a protobuf field that contains a message.
 * @param number the number of the field
 * @param parts the encoded parts of the message. Readers merge parts that follow each other into one message
 */
export function field(number: number, parts: readonly Buffer[]): Buffer {
  const head: number[] = [(number << 3) | LENGTH_DELIMITED];
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  head.push(length);
  return Buffer.concat([Buffer.from(head), ...parts]);
}

/**
 * Makes an image file from encoded messages. A caller can build a message from encoded parts, so that parts that never
 * change are encoded only once.
 *
 * @param messages the encoded message of each entry
 */
export function imageOfEncoded(kind: ImageKind, messages: readonly Buffer[]): Buffer {
  const { magic } = KINDS[kind];
  const bytes = Buffer.allocUnsafe(messages.reduce((sum, { length }) => sum + WORD + length, WORD * magic.length));
  let at = 0;
  for (const word of magic) at = bytes.writeUInt32LE(word, at);
  for (const message of messages) {
    at = bytes.writeUInt32LE(message.length, at);
    at += message.copy(bytes, at);
  }
  return bytes;
}

/** Makes an image file. */
export function image<K extends ImageKind>(kind: K, entries: readonly ImageEntry<K>[]): Buffer {
  const codec = criu<EntryName<K>>(KINDS[kind].entry);
  return imageOfEncoded(
    kind,
    entries.map((entry) => codec.encode(entry)),
  );
}

/**
 * Makes a pagemap image.
 *
 * @param pagesId the number in the name of the `pages-N.img` that contains the pages. It becomes the first entry
 */
export function pagemapImage(pagesId: number, entries: readonly ImageEntry<'pagemap'>[]): Buffer {
  const codec = criu('pagemap_entry');
  return imageOfEncoded('pagemap', [
    criu('pagemap_head').encode({ pages_id: pagesId }),
    ...entries.map((entry) => codec.encode(entry)),
  ]);
}

/**
 * Splits an image into its messages.
 *
 * @returns the bytes of each message; undefined if the last message is incomplete or the bytes are not an image
 */
export function imageFrames(bytes: Buffer): readonly Buffer[] | undefined {
  if (bytes.length < WORD) return undefined;
  const frames: Buffer[] = [];
  for (let at = WORD * leadingWordCount(bytes.readUInt32LE(0)); at < bytes.length; ) {
    const size = at + WORD <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (at + WORD + size > bytes.length) return undefined;
    frames.push(bytes.subarray(at + WORD, at + WORD + size));
    at += WORD + size;
  }
  return frames;
}
