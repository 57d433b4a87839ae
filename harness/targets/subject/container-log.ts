// Reads the log file of a container, in the CRI log format: time, stream, F or P, text.
import fs from 'node:fs/promises';
import type { LogLine } from '../../../specs/subject/subject';

const LINE = /^(\S+) (?:stdout|stderr) [FP] (.*)$/;

/** Date.parse drops what is finer than a millisecond. */
function logLine(line: string): LogLine | undefined {
  const [, time, text] = LINE.exec(line) ?? [];
  const atMs = Date.parse(time ?? '');
  return text === undefined || Number.isNaN(atMs) ? undefined : { atMs, text };
}

const whole = async (file: string) => (await fs.readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);

/** The finished lines of a log; none where it is not there yet. Lines of another form are left out. */
export async function readLog(file: string): Promise<readonly LogLine[]> {
  return (await whole(file)).flatMap((line) => logLine(line) ?? []);
}

/** How many finished lines a log has. */
export async function countLines(file: string): Promise<number> {
  return (await whole(file)).length;
}
