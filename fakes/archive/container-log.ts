// Makes container.log, the container's log at the moment of the checkpoint.
import fs from 'node:fs';
import path from 'node:path';
import type { ArchiveEntry } from './job';

/** Maximum size of a log that is kept in memory, bytes. Larger logs are read when the archive is written. */
const MAX_KEPT = 256 * 1024;
const CHUNK = 1024 * 1024;

/** Returns the path of the log with an inode. After a rotation, the log has another name in the same directory. */
function currentPath(log: string, inode: number): string {
  const directory = path.dirname(log);
  const isIt = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.ino === inode;
  if (isIt(log)) return log;
  return (
    fs
      .readdirSync(directory, 'utf8')
      .map((name) => path.join(directory, name))
      .find(isIt) ?? log
  );
}

function* pieces(log: string, { ino, size }: fs.Stats): Generator<Buffer> {
  const file = fs.openSync(currentPath(log, ino), 'r');
  try {
    let at = 0;
    while (at < size) {
      const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, size - at));
      const read = fs.readSync(file, chunk, 0, chunk.length, at);
      if (read === 0) return;
      at += read;
      yield chunk.subarray(0, read);
    }
  } finally {
    fs.closeSync(file);
  }
}

/**
 * Reads the log of a container. Lines that are added later are not included.
 * @param log absolute path of the log; empty if the container has no log
 * @returns the log's size in bytes and its content; undefined if the file does not exist
 */
export function containerLog(log: string): Required<Pick<ArchiveEntry, 'size' | 'content'>> | undefined {
  const stats = log === '' ? undefined : fs.statSync(log, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  if (stats.size === 0) return { size: 0, content: Buffer.alloc(0) };
  if (stats.size > MAX_KEPT) return { size: stats.size, content: () => pieces(log, stats) };
  const content = fs.readFileSync(log);
  return { size: content.length, content };
}
