// The framing of CRIU image files: magic numbers, then messages each behind its size.
import { type CriuInit, type CriuMessageName, criu } from '../../../proto/load';

/** First word of every image since CRIU 1.6; service images (statistics) have another, the inventory has none. */
const COMMON = 0x54564319;
const SERVICE = 0x55105940;
/** Bytes of a leading word, and of the size before a message. */
const WORD = 4;

/** Kinds of image files: leading words and the message of their entries, as CRIU's table of magic numbers has them. */
const KINDS = {
  cgroup: { magic: [COMMON, 0x59383330], entry: 'cgroup_entry' },
  core: { magic: [COMMON, 0x55053847], entry: 'core_entry' },
  fdinfo: { magic: [COMMON, 0x56213732], entry: 'fdinfo_entry' },
  files: { magic: [COMMON, 0x56303138], entry: 'file_entry' },
  fs: { magic: [COMMON, 0x51403912], entry: 'fs_entry' },
  ids: { magic: [COMMON, 0x54432030], entry: 'task_kobj_ids_entry' },
  inventory: { magic: [0x58313116], entry: 'inventory_entry' },
  ipcVariables: { magic: [COMMON, 0x53115007], entry: 'ipc_var_entry' },
  mm: { magic: [COMMON, 0x57492820], entry: 'mm_entry' },
  mountpoints: { magic: [COMMON, 0x55563928], entry: 'mnt_entry' },
  pagemap: { magic: [COMMON, 0x56084025], entry: 'pagemap_entry' },
  pstree: { magic: [COMMON, 0x50273030], entry: 'pstree_entry' },
  seccomp: { magic: [COMMON, 0x64413049], entry: 'seccomp_entry' },
  stats: { magic: [SERVICE, 0x57093306], entry: 'stats_entry' },
  timens: { magic: [COMMON, 0x43114433], entry: 'timens_entry' },
  uts: { magic: [COMMON, 0x54473203], entry: 'utsns_entry' },
} as const satisfies Record<string, { magic: readonly number[]; entry: CriuMessageName }>;

export type ImageKind = keyof typeof KINDS;
type EntryName<K extends ImageKind> = (typeof KINDS)[K]['entry'];
/** What an entry of one kind of image is made from. */
export type ImageEntry<K extends ImageKind> = CriuInit<EntryName<K>>;

/**
 * An image of messages that are encoded already. Protobuf messages are joined by laying their bytes behind each other,
 * so a message may be put together from parts, of which those that never change need encoding only once.
 */
export function imageOfEncoded(kind: ImageKind, messages: readonly Buffer[]): Buffer {
  return framed(kind, messages);
}

/** Wire type of a field that holds so many bytes. */
const LENGTH_DELIMITED = 2;

/** A field that holds a message, itself put together from parts. */
export function field(number: number, parts: readonly Buffer[]): Buffer {
  const head: number[] = [(number << 3) | LENGTH_DELIMITED];
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  head.push(length);
  return Buffer.concat([Buffer.from(head), ...parts]);
}

function framed(kind: ImageKind, messages: readonly Buffer[]): Buffer {
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

/** The bytes of an image file of one kind with these entries. */
export function image<K extends ImageKind>(kind: K, entries: readonly ImageEntry<K>[]): Buffer {
  const codec = criu<EntryName<K>>(KINDS[kind].entry);
  return framed(
    kind,
    entries.map((entry) => codec.encode(entry)),
  );
}

/** A pagemap image: its first entry, of another message, names the `pages-N.img` that holds the pages. */
export function pagemapImage(pagesId: number, entries: readonly ImageEntry<'pagemap'>[]): Buffer {
  const codec = criu('pagemap_entry');
  return framed('pagemap', [
    criu('pagemap_head').encode({ pages_id: pagesId }),
    ...entries.map((entry) => codec.encode(entry)),
  ]);
}
