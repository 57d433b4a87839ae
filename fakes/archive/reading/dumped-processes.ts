// Reads the processes of a checkpoint: the process tree, open files and sockets, and the states of simulated programs.
import type { CriuMessage } from '../../../proto/load';
import { ArchiveError } from '../archive-error';
import { OWN_HEAP_OFFSET } from '../criu/address-space';
import { hasValidChecksum, STATE_HEAD, stateLength } from '../criu/program-state';
import type { SnapshotUnixSocket } from '../snapshot';
import type { CheckpointArchive } from './checkpoint-archive';
import { entriesOf } from './criu-entries';
import { dumpedSockets } from './dumped-sockets';
import { memoryAt } from './process-memory';

const MAX_PROCESSES = 10_000;
/**
 * Maximum size of a simulated program's state, bytes. A state consists of a few hundred bytes and the values of
 * variables.
 */
const MAX_STATE = 16 * 1024 * 1024;

/** A process of a checkpoint. */
export interface DumpedProcess {
  readonly pid: number;
  /** PID of the parent process; 0 for the first process. */
  readonly parentPid: number;
  /** Offsets in open regular files in bytes, by file descriptor. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly sockets: readonly SnapshotUnixSocket[];
  /** The state of a simulated program; undefined for a real process. */
  readonly state: Buffer | undefined;
}

async function stateOf(archive: CheckpointArchive, pid: number): Promise<Buffer | undefined> {
  const [mm] = await entriesOf(archive, `mm-${pid}.img`, 'mm_entry');
  const address = BigInt(mm?.mm_start_brk ?? 0) + BigInt(OWN_HEAP_OFFSET);
  const head = await memoryAt(archive, pid, address, STATE_HEAD);
  const length = stateLength(head);
  if (length === undefined || length > MAX_STATE) return undefined;
  const state = await memoryAt(archive, pid, address + BigInt(STATE_HEAD), length);
  return hasValidChecksum(head, state) ? state : undefined;
}

async function descriptorsOf(archive: CheckpointArchive, pid: number) {
  const [ids] = await entriesOf(archive, `ids-${pid}.img`, 'task_kobj_ids_entry');
  return entriesOf(archive, `fdinfo-${ids?.files_id ?? 0}.img`, 'fdinfo_entry');
}

/** Returns pairs of a file descriptor and its entry in a table of open files. Omits descriptors without an entry. */
function openIn<V>(descriptors: readonly CriuMessage<'fdinfo_entry'>[], table: ReadonlyMap<number, V>) {
  return descriptors.flatMap(({ id = 0, fd = 0 }) => {
    const found = table.get(id);
    return found === undefined ? [] : [[fd, found] as const];
  });
}

/**
 * Reads the processes of a checkpoint.
 *
 * @returns the processes in the order of the archive, the main process first
 * @throws ArchiveError if an image is missing or cannot be read
 */
export async function dumpedProcesses(archive: CheckpointArchive): Promise<readonly DumpedProcess[]> {
  const tree = await entriesOf(archive, 'pstree.img', 'pstree_entry');
  if (tree.length > MAX_PROCESSES) {
    throw new ArchiveError('broken-member', `it has ${tree.length} processes`, 'checkpoint/pstree.img');
  }
  const files = await entriesOf(archive, 'files.img', 'file_entry');
  const positions = new Map(files.flatMap(({ id = 0, reg }) => (reg ? [[id, Number(reg.pos ?? 0)] as const] : [])));
  const sockets = dumpedSockets(files);
  const processes: DumpedProcess[] = [];
  for (const { pid = 0, ppid = 0 } of tree) {
    const descriptors = await descriptorsOf(archive, pid);
    processes.push({
      pid,
      parentPid: ppid,
      offsets: new Map(openIn(descriptors, positions)),
      sockets: openIn(descriptors, sockets).map(([fd, socket]) => ({ fd, ...socket })),
      state: await stateOf(archive, pid),
    });
  }
  return processes;
}
