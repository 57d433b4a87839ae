// The processes of a checkpoint, from CRIU's images: tree, names, threads, memory, variables, open files.
import type { CriuMessage } from '../../proto/load';
import type { Contents } from './contents';
import { printable } from './findings';
import type { InspectedFile, InspectedProcess } from './inspection';
import { MAX_ITEMS, variableNames } from './metadata';
import { type Range, readPagemap } from './pages';

const MAX_PROCESSES = 10_000;
const MAX_FILES = 100_000;
/** Threads, variables and open files that are listed of all processes together. */
const MAX_DETAILS = 100_000;
const MAX_ENVIRONMENT = 1024 * 1024;

type FileEntry = CriuMessage<'file_entry'>;

function nameOf({ type, reg, pipe, isk, usk, id }: FileEntry): Omit<InspectedFile, 'fd'> {
  const kind = type ?? 'UND';
  if (reg) return { type: kind, name: printable(reg.name ?? ''), position: String(reg.pos ?? 0) };
  if (pipe) return { type: kind, name: `pipe:[${pipe.pipe_id ?? 0}]` };
  if (isk) return { type: kind, name: `${addressOf(isk)}:${isk.src_port ?? 0}` };
  if (usk) return { type: kind, ...unixSocket(usk) };
  return { type: kind, name: `file ${id ?? 0}` };
}

/** A state of sockets, by TCP's number. */
const LISTEN = 10;

/** As /proc has a socket that has no other name. */
const socketName = (inode: number) => `socket:[${inode}]`;

/** By its path, or its abstract name behind an `@`, as ss and netstat have it. */
function unixSocket({ name, ino = 0, peer = 0, state }: NonNullable<FileEntry['usk']>): Omit<NamedFile, 'type'> {
  const bound = Buffer.from(name ?? []).toString('utf8');
  const path = bound.startsWith('\0') ? `@${bound.slice(1)}` : bound.replace(/\0$/, '');
  return {
    name: path === '' ? socketName(ino) : printable(path),
    ...(state === LISTEN && { listens: true }),
    ...(peer !== 0 && { socket: socketName(ino), peer: socketName(peer) }),
  };
}

/** An IPv4 address in dots; longer ones as hexadecimal digits. */
function addressOf({ src_addr = [] }: NonNullable<FileEntry['isk']>): string {
  const bytes = Buffer.alloc(4 * Math.min(4, src_addr.length));
  for (const [i, word] of src_addr.slice(0, 4).entries()) bytes.writeUInt32LE(word, 4 * i);
  return bytes.length === 4 ? [...bytes].join('.') : `[${bytes.toString('hex')}]`;
}

type NamedFile = Omit<InspectedFile, 'fd'>;

async function fileTable(contents: Contents): Promise<ReadonlyMap<number, NamedFile>> {
  const files = new Map<number, NamedFile>();
  for await (const entry of contents.messages('checkpoint/files.img', 'file_entry')) {
    if (files.size >= MAX_FILES) break;
    files.set(entry.id ?? 0, nameOf(entry));
  }
  return files;
}

async function openFiles(
  contents: Contents,
  pid: number,
  files: ReadonlyMap<number, NamedFile>,
  most: number,
): Promise<InspectedFile[]> {
  if (most <= 0) return [];
  const ids = await contents.first(`checkpoint/ids-${pid}.img`, 'task_kobj_ids_entry');
  const open: InspectedFile[] = [];
  for await (const { fd = 0, id = 0, type } of contents.messages(
    `checkpoint/fdinfo-${ids?.files_id ?? pid}.img`,
    'fdinfo_entry',
  )) {
    if (open.length >= Math.min(MAX_ITEMS, most)) break;
    const entry = files.get(id);
    open.push({ fd, ...(entry ?? { type: type ?? 'UND', name: `file ${id}` }) });
  }
  return open;
}

/** Where the variables of a process lie, with the byte before them; undefined where that cannot be. */
function environmentRange(mm: CriuMessage<'mm_entry'> | undefined): Range | undefined {
  const [start, end] = [Number(mm?.mm_env_start ?? 0), Number(mm?.mm_env_end ?? 0)];
  return 0 < start && start < end && end - start <= MAX_ENVIRONMENT ? { start: start - 1, end } : undefined;
}

/**
 * The variables in a range of memory: no text that is not closed by a NUL is taken for one, and none at all where no NUL
 * stands before the first, as the end of the arguments does: the range begins in the middle of something then.
 */
function* variables(range: Buffer): Generator<string> {
  if (range[0] !== 0) return;
  for (let at = 1, end = range.indexOf(0, at); end >= 0; at = end + 1, end = range.indexOf(0, at))
    yield range.toString('latin1', at, end);
}

function expectImage(contents: Contents, pid: number, image: string): void {
  const name = `checkpoint/${image}.img`;
  if (!contents.entry(name)) contents.findings.add('entry/missing', `process ${pid} has no such image`, name);
}

/** A state of tasks, by CRIU's number: it has ended, and its parent has not asked for it yet. */
const DEAD = 2;

/** All processes; each pages image that a pagemap names must belong to it alone. */
export async function readProcesses(contents: Contents): Promise<InspectedProcess[]> {
  for (const image of ['inventory', 'pstree']) contents.expectMessage(`checkpoint/${image}.img`);
  const files = await fileTable(contents);
  const processes: InspectedProcess[] = [];
  const owners = new Map<string, number>();
  const seen = new Set<number>();
  let left = MAX_DETAILS;
  for await (const { pid = 0, ppid = 0, threads: listed } of contents.messages(
    'checkpoint/pstree.img',
    'pstree_entry',
  )) {
    if (processes.length >= MAX_PROCESSES) break;
    if (seen.has(pid)) {
      contents.findings.add('image/unreadable', `it lists process ${pid} twice`, 'checkpoint/pstree.img');
      continue;
    }
    seen.add(pid);
    const threads = (listed ?? [pid]).slice(0, Math.min(MAX_ITEMS, Math.max(1, left)));
    for (const id of threads) expectImage(contents, pid, `core-${id}`);
    const core = await contents.first(`checkpoint/core-${pid}.img`, 'core_entry');
    // Of a process that has ended nothing else is left.
    if (core?.tc?.task_state !== DEAD)
      for (const kind of ['mm', 'ids', 'fs', 'pagemap']) expectImage(contents, pid, `${kind}-${pid}`);
    const mm = await contents.first(`checkpoint/mm-${pid}.img`, 'mm_entry');
    const memory = await readPagemap(contents, pid, environmentRange(mm));
    if (memory) {
      const owner = owners.get(memory.pagesImage);
      if (owner !== undefined)
        contents.findings.add('pages/size', `processes ${owner} and ${pid} both claim it`, memory.pagesImage);
      owners.set(memory.pagesImage, pid);
    }
    const environmentNames = variableNames(variables(memory?.range ?? Buffer.alloc(0))).slice(0, Math.max(0, left));
    const open = await openFiles(contents, pid, files, left - environmentNames.length);
    left -= threads.length + environmentNames.length + open.length;
    processes.push({
      pid,
      parentPid: ppid,
      name: printable(core?.tc?.comm ?? ''),
      threads,
      memoryBytes: memory?.bytes ?? 0,
      environmentNames,
      openFiles: open,
    });
  }
  return processes;
}
