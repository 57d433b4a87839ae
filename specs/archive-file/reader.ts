// Opens a checkpoint archive as a spec may: by its members, and by what lies in the memory of its processes.
import { isNativeError } from 'node:util/types';
import { expectThat, Unsupported } from '../subject/expect';
import { readImage } from './criu-image';
import { openRegular, portions } from './regular-file';
import { NotATar, type TarMember, tarIndex } from './tar-index';

const PAGE = 4096;
/** CRIU's flag of a pagemap entry whose pages lie in the pages image. */
const PE_PRESENT = 4;
/** Members that are read as a whole are metadata: far smaller, however much memory the container has. Bytes. */
const MAX_CONTENT = 64 * 1024 * 1024;

export class Archive {
  private constructor(
    readonly path: string,
    readonly members: readonly TarMember[],
  ) {}

  /** Throws NotATar on what is not a whole tar. */
  static async open(path: string): Promise<Archive> {
    return new Archive(path, await tarIndex(path));
  }

  member(name: string): TarMember | undefined {
    return this.members.find((member) => member.name === name);
  }

  /** Members whose names fit; `Unsupported` where the archive has no CRIU images: contents are the runtime's business. */
  images(fits = /^checkpoint\/.*\.img$/): readonly TarMember[] {
    if (!this.members.some(({ name }) => /^checkpoint\/.*\.img$/.test(name)))
      throw new Unsupported('the archive has no CRIU images', 'not-offered');
    return this.members.filter(({ name }) => fits.test(name));
  }

  /** JSON of a member that stands beside CRIU images; label `json` where it is not there or cannot be read. */
  async json(name: string): Promise<Readonly<Record<string, unknown>>> {
    this.images();
    expectThat('json', this.member(name) !== undefined, `${name} beside the CRIU images`, 'no such member');
    let value: unknown;
    try {
      value = JSON.parse((await this.read(name)).toString());
    } catch {
      value = undefined;
    }
    expectThat('json', typeof value === 'object' && value !== null, `an object in ${name}`, 'something else');
    return { ...value };
  }

  /**
   * Reads a member, or its first `length` bytes. Throws Unsupported if there is none, because contents are the runtime's
   * own business, or if it is too large to be held in memory.
   */
  async read(name: string, length = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const { size } = this.#required(name);
    const wanted = Math.min(size, length);
    if (wanted > MAX_CONTENT)
      throw new Unsupported(`${name} has ${size} bytes, and the suite reads no more than ${MAX_CONTENT} of a member`);
    const parts: Buffer[] = [];
    for await (const part of this.#portions(name, 0, wanted)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The container's processes, parents first, as CRIU's process tree lists them. */
  async processes(): Promise<readonly { pid: number; parentPid: number; threads: readonly number[] }[]> {
    const entries = readImage('pstree_entry', await this.read('checkpoint/pstree.img'));
    return entries.map(({ pid = 0, ppid = 0, threads }) => ({ pid, parentPid: ppid, threads: threads ?? [] }));
  }

  /** What a process has open: descriptors, and the kind and id of what each leads to in the table of open files. */
  async descriptors(pid: number): Promise<readonly { fd: number; id: number; type: string }[]> {
    const [ids] = readImage('task_kobj_ids_entry', await this.read(`checkpoint/ids-${pid}.img`));
    const image = await this.read(`checkpoint/fdinfo-${ids?.files_id ?? 0}.img`);
    return readImage('fdinfo_entry', image).map(({ fd = 0, id = 0, type = 'UND' }) => ({ fd, id, type }));
  }

  /** The table of open files: kinds by id. */
  async openFiles(): Promise<ReadonlyMap<number, string>> {
    const entries = readImage('file_entry', await this.read('checkpoint/files.img'));
    return new Map(entries.map(({ id = 0, type = 'UND' }) => [id, type]));
  }

  /** Where the dumped pages of a process are, and how many bytes its page map says they have. */
  async pagesOf(pid: number): Promise<{ readonly name: string; readonly listedBytes: number }> {
    const [head, ...entries] = await this.#pagemap(pid);
    return { name: `checkpoint/pages-${head}.img`, listedBytes: entries.reduce((sum, { length }) => sum + length, 0) };
  }

  /** The memory of one process that was dumped, in portions of at most 1 MiB; an address is a number of bytes. */
  async *memory(pid: number): AsyncGenerator<{ address: number; bytes: Buffer }> {
    const [head, ...entries] = await this.#pagemap(pid);
    const name = `checkpoint/pages-${head}.img`;
    let at = 0;
    for (const { address, length } of entries) {
      let read = 0;
      for await (const bytes of this.#portions(name, at, length)) {
        yield { address: address + read, bytes };
        read += bytes.length;
      }
      at += length;
    }
  }

  /** Bytes of memory that were dumped, of all processes. */
  dumpedBytes(): number {
    const pages = this.members.filter(({ name }) => /^checkpoint\/pages-\d+\.img$/.test(name));
    if (pages.length === 0) throw new Unsupported('the archive has no checkpoint/pages-N.img', 'not-offered');
    return pages.reduce((sum, { size }) => sum + size, 0);
  }

  #required(name: string): TarMember {
    const member = this.member(name);
    if (!member) throw new Unsupported(`the archive has no ${name}`, 'not-offered');
    return member;
  }

  /** A part of a member, as far as the member goes. */
  async *#portions(name: string, from: number, length: number): AsyncGenerator<Buffer> {
    const { offset, size } = this.#required(name);
    await using file = await openRegular(this.path);
    yield* portions(file, offset + from, Math.max(0, Math.min(length, size - from)));
  }

  async #pagemap(pid: number): Promise<[number, ...{ address: number; length: number }[]]> {
    const image = await this.read(`checkpoint/pagemap-${pid}.img`);
    const [head] = readImage('pagemap_head', image, 1);
    const regions = readImage('pagemap_entry', image)
      .slice(1)
      .filter(({ in_parent, flags }) => (flags === undefined ? !in_parent : (flags & PE_PRESENT) !== 0))
      .map(({ vaddr, nr_pages, compat_nr_pages }) => ({
        address: Number(vaddr),
        length: Number(nr_pages ?? compat_nr_pages ?? 0) * PAGE,
      }));
    return [head?.pages_id ?? 0, ...regions];
  }
}

/** Why the file is not an archive, in words, or undefined where it is one with at least one member. */
export async function archiveFault(path: string): Promise<string | undefined> {
  try {
    const { members } = await Archive.open(path);
    return members.length > 0 ? undefined : 'it is a tar without members';
  } catch (error) {
    if (error instanceof NotATar) return error.message;
    if (isNativeError(error) && 'code' in error) return `it cannot be opened (${error.code})`;
    throw error;
  }
}

/** Opens an archive that must be whole; label `archive` where it is not. */
export async function openArchive(path: string): Promise<Archive> {
  const fault = await archiveFault(path);
  expectThat('archive', fault === undefined, `a whole tar archive at ${path}`, fault);
  return Archive.open(path);
}
