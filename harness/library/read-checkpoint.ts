// Reads what a checkpoint contains, for assertions in tests of checkpoint clients and runtimes.
import { UserError } from '../../fakes/base/user-error';
import { dumpContains, pageSizeOf } from '../../specs/archive-file/dump';
import { Archive } from '../../specs/archive-file/reader';
import { readAt } from '../../specs/archive-file/source';
import { ArchiveFile } from '../inspect/archive-file';
import { Contents } from '../inspect/contents';
import { Findings } from '../inspect/findings';
import { inspectArchive } from '../inspect/inspect-archive';
import type { InspectedProcess, Inspection } from '../inspect/inspection';
import { environmentRange, readPagemap } from '../inspect/pages';
import { plainSource } from '../inspect/plain-source';
import { variablesIn } from '../inspect/processes';

/** The contents of a checkpoint. Values of variables and memory are available only through its functions. */
export interface ReadCheckpoint {
  readonly engine: Inspection['engine'];
  readonly container: Inspection['container'];
  /** Parents come before their children. */
  readonly processes: readonly InspectedProcess[];
  /** Absolute paths in the container. */
  readonly changedFiles: readonly string[];
  readonly deletedFiles: readonly string[];
  /** Returns the variables in the memory of a process. Do not log the variables: they may be secrets. */
  environmentOf(pid: number): Promise<Readonly<Record<string, string>>>;
  /** Returns whether the memory of a process contains a text. */
  memoryContains(pid: number, text: string): Promise<boolean>;
}

/** Opens the archive of a container, which may be compressed. */
async function withArchive<T>(path: string, read: (archive: Archive) => Promise<T>): Promise<T> {
  await using file = await ArchiveFile.open(path);
  await using plain = await plainSource(file, path, { isFile: true, isSlow: false });
  return await read(await Archive.of(plain.source));
}

async function environmentIn(archive: Archive, pid: number): Promise<Record<string, string>> {
  const contents = new Contents(archive, new Findings());
  const mm = await contents.first(`checkpoint/mm-${pid}.img`, 'mm_entry');
  const memory = await readPagemap(contents, pid, await pageSizeOf(archive), environmentRange(mm));
  const pages = memory && archive.member(memory.pagesImage);
  if (!pages) throw new UserError(`process ${pid}: the archive has no memory of it`);
  const content = archive.content(pages);
  const parts: Buffer[] = [];
  for (const { at, length } of memory.parts) parts.push(await readAt(content, at, length));
  const variables = [...variablesIn(Buffer.concat(parts))].map((variable): [string, string] => {
    const [name = '', ...value] = variable.split('=');
    return [name, value.join('=')];
  });
  return Object.fromEntries(variables);
}

/**
 * Reads the checkpoint of a container.
 *
 * @param path path of the archive, which may be compressed
 * @throws UserError if the file cannot be read, is not a tar, or does not contain CRIU images
 */
export async function readCheckpoint(path: string): Promise<ReadCheckpoint> {
  const { kind, engine, container, processes, changes } = await inspectArchive(path);
  if (kind !== 'container') throw new UserError(`${path}: it is not the archive of a container (it is: ${kind})`);
  return {
    engine,
    container,
    processes,
    changedFiles: changes.changed,
    deletedFiles: changes.deleted,
    environmentOf: (pid) => withArchive(path, (archive) => environmentIn(archive, pid)),
    memoryContains: (pid, text) => withArchive(path, (archive) => dumpContains(archive, pid, text)),
  };
}
