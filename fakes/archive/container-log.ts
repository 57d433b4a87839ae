// container.log: the container's log as it is at the moment of the checkpoint.
import fs from 'node:fs';
import path from 'node:path';
import type { ArchiveEntry } from './job';

/** Logs up to this size (bytes) are taken at once, larger ones are read while they are written. */
const AT_ONCE = 256 * 1024;
const CHUNK = 1024 * 1024;

/** Where a log is by now: one that was rotated in the meantime has another name in the same folder. */
function found(log: string, inode: number): string {
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
  const file = fs.openSync(found(log, ino), 'r');
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

/** Size and content of the log; undefined where there is no such file. */
export function containerLog(log: string): Required<Pick<ArchiveEntry, 'size' | 'content'>> | undefined {
  const stats = log === '' ? undefined : fs.statSync(log, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  // A log only grows: what comes after this moment is left out.
  if (stats.size === 0) return { size: 0, content: Buffer.alloc(0) };
  if (stats.size > AT_ONCE) return { size: stats.size, content: () => pieces(log, stats) };
  const content = fs.readFileSync(log);
  return { size: content.length, content };
}
