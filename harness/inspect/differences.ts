// Compares two checkpoints of a container: processes, memory, open files, variables, changed files.
import { UserError } from '../../fakes/base/user-error';
import type { InspectedFile, InspectedProcess, Inspection } from './inspection';
import { openFileText, size } from './text';

export interface ProcessRef {
  readonly pid: number;
  readonly name: string;
}

export interface MemoryChange extends ProcessRef {
  /** Memory before and after, bytes. */
  readonly before: number;
  readonly after: number;
}

export interface ChangedDescriptor extends ProcessRef {
  /** The file in the first checkpoint; absent if the descriptor was opened between the checkpoints. */
  readonly before?: InspectedFile;
  /** The file in the second checkpoint; absent if the descriptor was closed between the checkpoints. */
  readonly after?: InspectedFile;
}

export interface ArchiveDifferences {
  readonly schema: 'ckptest/inspection-diff/v1';
  readonly before: string;
  readonly after: string;
  /** Whether both archives are of the same container. */
  readonly isSameContainer: boolean;
  readonly started: readonly ProcessRef[];
  readonly ended: readonly ProcessRef[];
  readonly memory: readonly MemoryChange[];
  readonly openFiles: readonly ChangedDescriptor[];
  /** Names of variables that only one archive contains, in the configuration or in the memory of a process. */
  readonly variables: readonly (Partial<ProcessRef> & {
    readonly added: readonly string[];
    readonly removed: readonly string[];
  })[];
  /** Files that differ from the image in only one archive. */
  readonly files: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly deleted: readonly string[];
  };
}

/**
 * Returns the inspection of the container's archive, which may be inside an image. Throws UserError if there are
 * several containers.
 */
function containerIn(inspection: Inspection): Inspection {
  const { containers, file } = inspection;
  if (containers.length > 1) throw new UserError(`${file}: it has several containers; give the archive of one of them`);
  return containers[0] ? containerIn(containers[0]) : inspection;
}

const refOf = ({ pid, name }: InspectedProcess): ProcessRef => ({ pid, name });
const without = (all: readonly string[], others: readonly string[]) => {
  const known = new Set(others);
  return all.filter((one) => !known.has(one));
};

function changedFiles(before: InspectedProcess, after: InspectedProcess): ChangedDescriptor[] {
  const olds = new Map(before.openFiles.map((file) => [file.fd, file]));
  const news = new Map(after.openFiles.map((file) => [file.fd, file]));
  return [...new Set([...olds.keys(), ...news.keys()])].flatMap((fd) => {
    const [old, now] = [olds.get(fd), news.get(fd)];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    return [{ ...refOf(after), ...(old && { before: old }), ...(now && { after: now }) }];
  });
}

/**
 * Compares two archives of a container.
 *
 * @throws UserError if an archive contains several containers
 */
export function archiveDifferences(first: Inspection, second: Inspection): ArchiveDifferences {
  const [before, after] = [containerIn(first), containerIn(second)];
  const key = ({ pid, name }: ProcessRef) => `${pid} ${name}`;
  const olds = new Map(before.processes.map((process) => [key(process), process]));
  const news = new Map(after.processes.map((process) => [key(process), process]));
  const both = after.processes.flatMap((now) => {
    const old = olds.get(key(now));
    return old ? [{ old, now }] : [];
  });
  const variables = [
    { ref: {}, old: before.environmentNames, now: after.environmentNames },
    ...both.map(({ old, now }) => ({ ref: refOf(now), old: old.environmentNames, now: now.environmentNames })),
  ].map(({ ref, old, now }) => ({ ...ref, added: without(now, old), removed: without(old, now) }));
  return {
    schema: 'ckptest/inspection-diff/v1',
    before: first.file,
    after: second.file,
    isSameContainer: before.container.id !== undefined && before.container.id === after.container.id,
    started: after.processes.filter((process) => !olds.has(key(process))).map(refOf),
    ended: before.processes.filter((process) => !news.has(key(process))).map(refOf),
    memory: both
      .filter(({ old, now }) => old.memoryBytes !== now.memoryBytes)
      .map(({ old, now }) => ({ ...refOf(now), before: old.memoryBytes, after: now.memoryBytes })),
    openFiles: both.flatMap(({ old, now }) => changedFiles(old, now)),
    variables: variables.filter(({ added, removed }) => added.length + removed.length > 0),
    files: {
      added: without(after.changes.changed, before.changes.changed),
      removed: without(before.changes.changed, after.changes.changed),
      deleted: without(after.changes.deleted, before.changes.deleted),
    },
  };
}

/** Returns whether two archives have no differences. */
export const isUnchanged = ({ started, ended, memory, openFiles, variables, files }: ArchiveDifferences): boolean =>
  [started, ended, memory, openFiles, variables, files.added, files.removed, files.deleted].every(
    ({ length }) => length === 0,
  );

/** Yields the differences as lines. */
export function* differenceLines(differences: ArchiveDifferences): Generator<string> {
  const { isSameContainer, started, ended, memory, openFiles, variables, files } = differences;
  if (!isSameContainer) yield 'these are archives of different containers';
  if (isUnchanged(differences)) yield 'no differences';
  for (const { pid, name } of started) yield `+ process ${pid} ${name}`;
  for (const { pid, name } of ended) yield `- process ${pid} ${name}`;
  for (const { pid, name, before, after } of memory) {
    const change = after > before ? `+${size(after - before)}` : `-${size(before - after)}`;
    yield `~ memory of ${pid} ${name}: ${size(before)} to ${size(after)} (${change})`;
  }
  for (const { pid, name, before, after } of openFiles) {
    const what = `of ${pid} ${name}: `;
    if (before && after) yield `~ open file ${what}${openFileText(before)} is now ${openFileText(after)}`;
    else if (after) yield `+ open file ${what}${openFileText(after)}`;
    else if (before) yield `- open file ${what}${openFileText(before)}`;
  }
  for (const { pid, name, added, removed } of variables) {
    const where = pid === undefined ? 'of the configuration' : `of ${pid} ${name}`;
    for (const variable of added) yield `+ variable ${where}: ${variable}`;
    for (const variable of removed) yield `- variable ${where}: ${variable}`;
  }
  for (const file of files.added) yield `+ changed file ${file}`;
  for (const file of files.removed) yield `- changed file ${file}`;
  for (const file of files.deleted) yield `+ deleted file ${file}`;
}
