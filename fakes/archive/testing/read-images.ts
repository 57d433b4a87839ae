// Reads, for tests, CRIU images, and the memory of a process from its mm, pagemap and pages images.
import { type CriuMagicName, leadingWords } from '../../../proto/criu-magic';
import { type CriuMessage, type CriuMessageName, criu } from '../../../proto/load';

/** The magic number and the messages of images, by the first part of their names. */
const KINDS: Readonly<Record<string, readonly [magic: CriuMagicName, first: CriuMessageName, rest?: CriuMessageName]>> =
  {
    cgroup: ['CGROUP_MAGIC', 'cgroup_entry'],
    core: ['CORE_MAGIC', 'core_entry'],
    fdinfo: ['FDINFO_MAGIC', 'fdinfo_entry'],
    files: ['FILES_MAGIC', 'file_entry'],
    fs: ['FS_MAGIC', 'fs_entry'],
    ids: ['IDS_MAGIC', 'task_kobj_ids_entry'],
    inventory: ['INVENTORY_MAGIC', 'inventory_entry'],
    'ipcns-var': ['IPC_VAR_MAGIC', 'ipc_var_entry'],
    mm: ['MM_MAGIC', 'mm_entry'],
    mountpoints: ['MNTS_MAGIC', 'mnt_entry'],
    pagemap: ['PAGEMAP_MAGIC', 'pagemap_head', 'pagemap_entry'],
    pstree: ['PSTREE_MAGIC', 'pstree_entry'],
    seccomp: ['SECCOMP_MAGIC', 'seccomp_entry'],
    'stats-dump': ['STATS_MAGIC', 'stats_entry'],
    timens: ['TIMENS_MAGIC', 'timens_entry'],
    utsns: ['UTSNS_MAGIC', 'utsns_entry'],
  };

/** Returns the kind of an image by its file name; undefined if the file is not an image of messages. */
export function imageKind(name: string): string | undefined {
  const stem = name.replace(/^checkpoint\//, '').replace(/(-\d+)?\.img$/, '');
  return stem in KINDS ? stem : undefined;
}

function frames(bytes: Buffer, from: number): Buffer[] {
  const result: Buffer[] = [];
  for (let at = from; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    if (at + 4 + size > bytes.length) throw new Error('a message is longer than the rest of its image');
    result.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return result;
}

/**
 * Decodes the messages of an image. Throws an Error if its magic numbers do not match its name, or if a message is
 * incomplete.
 */
export function imageMessages(name: string, bytes: Buffer): object[] {
  const [magic, first, rest = first] = KINDS[imageKind(name) ?? ''] ?? [];
  if (!magic || !first || !rest) throw new Error(`${name} is not an image`);
  const words = leadingWords(magic);
  words.forEach((word, i) => {
    const found = bytes.readUInt32LE(4 * i);
    if (found !== word) throw new Error(`${name}: word ${i} is ${found.toString(16)}, not ${word.toString(16)}`);
  });
  return frames(bytes, 4 * words.length).map((frame, i) => criu(i === 0 ? first : rest).decode(frame));
}

/**
 * Decodes the messages of an image without checking its magic numbers.
 *
 * @param words number of the image's magic numbers
 */
export function messages<Name extends CriuMessageName>(name: Name, image: Buffer, words = 2): CriuMessage<Name>[] {
  return frames(image, 4 * words).map((frame) => criu(name).decode(frame));
}

/** The memory of a process in a checkpoint. */
export class ReadMemory {
  readonly mm: CriuMessage<'mm_entry'>;
  readonly #runs: { readonly start: bigint; readonly bytes: Buffer }[] = [];

  /** @param image returns the bytes of an image by its name */
  constructor(image: (name: string) => Buffer, pid: number) {
    const [mm] = messages('mm_entry', image(`mm-${pid}.img`));
    const [head, ...entries] = frames(image(`pagemap-${pid}.img`), 8);
    if (!mm || !head) throw new Error('no memory');
    this.mm = mm;
    const pages = image(`pages-${criu('pagemap_head').decode(head).pages_id}.img`);
    let at = 0;
    for (const frame of entries) {
      const entry = criu('pagemap_entry').decode(frame);
      const size = Number(entry.nr_pages) * 4096;
      this.#runs.push({ start: BigInt(entry.vaddr ?? 0), bytes: pages.subarray(at, at + size) });
      at += size;
    }
    if (at !== pages.length) throw new Error('pagemap and pages disagree');
  }

  /** Returns the bytes between two addresses. */
  between(from: string | undefined, to: string | undefined): Buffer {
    const [start, end] = [BigInt(from ?? 0), BigInt(to ?? 0)];
    const run = this.#runs.find((one) => one.start <= start && end <= one.start + BigInt(one.bytes.length));
    if (!run) throw new Error(`the checkpoint has no memory at ${start}`);
    return run.bytes.subarray(Number(start - run.start), Number(end - run.start));
  }

  /** Returns the address of a text; undefined if the memory does not contain it. */
  find(text: string): bigint | undefined {
    for (const { start, bytes } of this.#runs) {
      const at = bytes.indexOf(text);
      if (at >= 0) return start + BigInt(at);
    }
    return undefined;
  }
}

/** Splits bytes into strings that end with NUL. */
export function strings(bytes: Buffer): string[] {
  return bytes.toString().split('\0').slice(0, -1);
}
