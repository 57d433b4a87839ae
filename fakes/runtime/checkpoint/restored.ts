// Reads everything that a restored container needs from an archive: processes, files, environment and log.
import fs from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '../../archive/archive-error';
import {
  type CheckpointArchive,
  type JsonObject,
  objectIn,
  textIn,
  textsIn,
} from '../../archive/reading/checkpoint-archive';
import { type DumpedProcess, dumpedProcesses } from '../../archive/reading/dumped-processes';
import { type FileChanges, fileChanges } from '../../archive/reading/file-changes';
import { decodeState, type MachineState, type ResumedProcess } from '../process/simulation';
import {
  destinationsOf,
  METADATA,
  type Metadata,
  type MetadataName,
  type RestoredFacts,
  type RestoreRules,
} from './restore-rules';

/** The state that a restored container continues from. */
export interface Restored {
  readonly facts: RestoredFacts;
  readonly machine: MachineState;
  /** Environment variables in the form `NAME=value`. */
  readonly environment: readonly string[];
  readonly workingDirectory: string;
  /** Command line of the first process. */
  readonly command: readonly string[];
  /** The first process; undefined if the archive contains real processes, which the fake cannot resume. */
  readonly first: ResumedProcess | undefined;
  readonly childrenOf: (pid: number) => readonly ResumedProcess[];
  /** The error with which the start of the container fails, if the archive is checked only at the start. */
  readonly fault: ArchiveError | undefined;
}

/** The names of the log in archives of containerd and CRI-O. */
const LOGS = ['container.log', 'io.kubernetes.cri-o.LogPath'] as const;
const INVENTORY = 'checkpoint/inventory.img';
const CHUNK = 1024 * 1024;

/**
 * Reads the metadata files of an archive.
 * @throws ArchiveError for the first file that is missing or not valid
 */
export async function readMetadata(
  archive: CheckpointArchive,
  { metadata, checksWholeArchiveAtCreation }: RestoreRules,
): Promise<Metadata> {
  const unsafe = archive.names.find((name) => path.posix.isAbsolute(name) || name.split('/').includes('..'));
  if (checksWholeArchiveAtCreation && unsafe !== undefined) {
    throw new ArchiveError('unsafe-name', `it has a member whose path leads out of it: ${JSON.stringify(unsafe)}`);
  }
  const found: Record<MetadataName, JsonObject> = { 'spec.dump': {}, 'config.dump': {}, 'status.dump': {} };
  for (const name of metadata) found[name] = await archive.json(name, METADATA[name]);
  return found;
}

/** Removes all but the last value of each variable, as OCI runtimes do. */
const withoutRepeats = (environment: readonly string[]) => [
  ...new Map(environment.map((pair) => [pair.slice(0, pair.indexOf('=')), pair])).values(),
];

const NOTHING_CHANGED: FileChanges = { files: new Map(), deleted: new Set(), directories: new Set() };

interface Contents {
  readonly changes: FileChanges;
  readonly processes: readonly DumpedProcess[];
}

async function contentsOf(archive: CheckpointArchive, mounted: ReadonlySet<string>): Promise<Contents> {
  if (!archive.member(INVENTORY)) throw new ArchiveError('no-member', 'no such file or directory', INVENTORY);
  return { changes: await fileChanges(archive, mounted), processes: await dumpedProcesses(archive) };
}

function resumedProcess({ pid, offsets, sockets, state }: DumpedProcess): ResumedProcess | undefined {
  const opened = {
    position: (fd: number) => offsets.get(fd) ?? 0,
    sockets: sockets.map(({ fd, ...socket }) => [fd, socket] as const),
  };
  const read = state && decodeState(state, opened);
  return read && { pid, state: read };
}

/**
 * Reads the state of a checkpointed container.
 * @throws ArchiveError if the archive is not complete and the rules require that at creation
 */
export async function readRestored(
  archive: CheckpointArchive,
  metadata: Metadata,
  { checksWholeArchiveAtCreation }: RestoreRules,
): Promise<Restored> {
  let contents: Contents = { changes: NOTHING_CHANGED, processes: [] };
  let fault: ArchiveError | undefined;
  try {
    contents = await contentsOf(archive, new Set(destinationsOf(metadata)));
  } catch (error) {
    if (!(error instanceof ArchiveError) || checksWholeArchiveAtCreation) throw error;
    fault = error;
  }
  const process = objectIn(metadata['spec.dump']['process']);
  const [init] = contents.processes;
  const first = init && resumedProcess(init);
  const children = new Map<number, ResumedProcess[]>();
  for (const dumped of contents.processes.slice(1)) {
    const child = resumedProcess(dumped);
    // Require that a parent has a smaller PID than its child, so that an archive cannot contain a cycle of processes.
    if (child && dumped.parentPid < dumped.pid) {
      children.set(dumped.parentPid, [...(children.get(dumped.parentPid) ?? []), child]);
    }
  }
  return {
    facts: { checkpointedAt: textIn(metadata['config.dump']['checkpointedTime']), resumed: first !== undefined },
    machine: {
      ...contents.changes,
      lastPid: contents.processes.reduce((last, { pid }) => Math.max(last, pid), 1),
    },
    environment: withoutRepeats(textsIn(process['env'])),
    workingDirectory: textIn(process['cwd']) || '/',
    command: textsIn(process['args']),
    first,
    childrenOf: (pid) => children.get(pid) ?? [],
    fault,
  };
}

/**
 * Copies the log from the archive to the new container's log path, readable only by its owner. Leaves no file if the
 * copy fails or is aborted.
 * @param logPath absolute path from the request; nothing in the archive influences it
 */
export async function copyLog(archive: CheckpointArchive, logPath: string, signal: AbortSignal): Promise<void> {
  const log = LOGS.map((name) => archive.member(name)).find((member) => member !== undefined);
  if (!log || logPath === '') return;
  await fs.mkdir(path.dirname(logPath), { recursive: true, mode: 0o755 });
  const handle = await fs.open(logPath, 'w', 0o600);
  try {
    for (let at = 0; at < log.size; at += CHUNK) {
      // Use appendFile, which writes all bytes or fails. A single call of write may write only some of the bytes.
      await handle.appendFile(await archive.source.read(log.offset + at, Math.min(CHUNK, log.size - at)));
      signal.throwIfAborted();
    }
  } catch (error) {
    await fs.rm(logPath, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
