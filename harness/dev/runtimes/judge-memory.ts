// Checks memory with checkpointctl memparse: sizes, contents, and searches for strings.
import { allProcesses, type ExpectedArchive, type ExpectedProcess } from './judge';
import type { StartedRuntimeContainer } from './runtime-container';

/** Formats a size as checkpointctl does. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

/** Compares the table of `memparse` with the snapshot. */
export function compareMemorySizes(table: string, expected: ExpectedArchive): string[] {
  const rows = table.split('\n').map((line) => line.trim().split(/\s{2,}/));
  return allProcesses(expected.processTree).flatMap(({ pid, command, memoryBytes }) => {
    const row = rows.find(([first]) => first === String(pid));
    const wanted = [String(pid), command, humanSize(memoryBytes)];
    return wanted.every((word, i) => row?.[i] === word)
      ? []
      : [`checkpointctl memparse prints ${row?.join(', ') ?? 'nothing'} instead of ${wanted.join(', ')}.`];
  });
}

const BYTES_PER_ROW = 16;

/**
 * Returns bytes from a memory dump that `memparse --pid` printed. The dump omits repeated rows.
 *
 * @param address address of the first byte
 * @param length number of bytes
 */
export function bytesAt(dump: string, address: number, length: number): Buffer {
  const rows = new Map<number, Buffer>();
  for (const line of dump.split('\n')) {
    const [, at, hex] = /^([0-9a-f]{16}) {2}((?:[0-9a-f]{2} ?){16}|(?:[0-9a-f]{2} ){1,15})/.exec(line) ?? [];
    if (at !== undefined && hex !== undefined)
      rows.set(Number.parseInt(at, 16), Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  }
  const first = address - (address % BYTES_PER_ROW);
  const printed = [...rows.keys()].filter((at) => at <= first);
  let row = rows.get(printed.at(-1) ?? -1) ?? Buffer.alloc(0);
  const parts: Buffer[] = [];
  for (let at = first; at < address + length; at += BYTES_PER_ROW) {
    row = rows.get(at) ?? row;
    parts.push(row);
  }
  return Buffer.concat(parts).subarray(address - first, address - first + length);
}

/** Returns the addresses that a search printed. */
export function foundAt(output: string): number[] {
  return [...output.matchAll(/^([0-9a-f]{16}) {2}/gm)].map(([, at = '']) => Number.parseInt(at, 16));
}

/** Shortens a search string to the length that a table shows on one line. */
const shown = (text: string) => text.slice(0, 40);

/**
 * Checks the memory of an archive with `memparse`.
 *
 * @returns one sentence for each difference
 */
export async function judgeMemory(
  container: StartedRuntimeContainer,
  archivePath: string,
  expected: ExpectedArchive,
): Promise<string[]> {
  const memparse = (...args: string[]) => container.exec(['checkpointctl', 'memparse', ...args, archivePath]);
  const sizes = await memparse();
  if (sizes.exitCode !== 0) return [`checkpointctl memparse refuses ${archivePath}: ${sizes.output.trim()}`];
  const processes = allProcesses(expected.processTree);
  const differences = compareMemorySizes(sizes.stdout, expected);
  for (const { pid, strings } of processes) {
    if (strings.length === 0) continue;
    const dump = await memparse('--pid', String(pid));
    for (const text of strings.map(shown)) {
      differences.push(...(await judgeSearch(memparse, processes, pid, text, dump.stdout)));
    }
  }
  return differences;
}

type Memparse = (...args: string[]) => Promise<{ readonly stdout: string }>;

/**
 * Searches for a string. The search must find it in the memory of its process, at an address where the dump shows it
 * too, and must not find it in any other process.
 */
async function judgeSearch(
  memparse: Memparse,
  processes: readonly ExpectedProcess[],
  owner: number,
  text: string,
  dump: string,
): Promise<string[]> {
  const differences: string[] = [];
  for (const { pid } of processes) {
    const { stdout } = await memparse('--pid', String(pid), '--search', text);
    const [address] = foundAt(stdout);
    const where = `the memory of process ${pid}`;
    if ((address !== undefined) !== (pid === owner))
      differences.push(`checkpointctl memparse --search ${pid === owner ? 'misses' : 'finds'} ${text} in ${where}.`);
    if (pid === owner && address !== undefined && bytesAt(dump, address, text.length).toString() !== text)
      differences.push(`checkpointctl memparse --pid prints something else where ${text} was found in ${where}.`);
  }
  return differences;
}
