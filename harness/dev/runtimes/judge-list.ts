// Checks the output of checkpointctl list: the output must have a row for each archive in a directory.
import path from 'node:path';
import type { ExpectedArchive } from './judge';
import type { StartedRuntimeContainer } from './runtime-container';

/** Compares the output of `list` with one archive in the directory. */
export function compareListed(table: string, archivePath: string, expected: ExpectedArchive): string[] {
  const file = path.basename(archivePath);
  const row = table
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/))
    .find((cells) => cells.includes(file));
  const wanted = [expected.podNamespace, expected.podName, expected.containerName, expected.engine];
  return wanted
    .filter((word, i) => row?.[i] !== word)
    .map((word) => `checkpointctl list does not print ${word} for ${file}.`);
}

/**
 * Runs `list` on the directory of an archive.
 *
 * @returns one sentence for each difference
 */
export async function judgeList(
  container: StartedRuntimeContainer,
  archivePath: string,
  expected: ExpectedArchive,
): Promise<string[]> {
  const list = await container.exec(['checkpointctl', 'list', path.dirname(archivePath)]);
  if (list.exitCode !== 0) return [`checkpointctl list refuses ${path.dirname(archivePath)}: ${list.output.trim()}`];
  return compareListed(list.stdout, archivePath, expected);
}
