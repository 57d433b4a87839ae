// Reads the log file of a container in the CRI log format: time, stream, F or P, text.
import fs from 'node:fs/promises';
import type { LogLine } from '../../../specs/subject/subject';

const LINE = /^(\S+) (?:stdout|stderr) [FP] (.*)$/;

/** Date.parse ignores digits below a millisecond. */
function logLine(line: string): LogLine | undefined {
  const [, time, text] = LINE.exec(line) ?? [];
  const atMs = Date.parse(time ?? '');
  return text === undefined || Number.isNaN(atMs) ? undefined : { atMs, text };
}

const whole = async (file: string) => (await fs.readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);

/** Returns the complete lines of a log; none if the file does not exist. Lines in another format are omitted. */
export async function readLog(file: string): Promise<readonly LogLine[]> {
  return (await whole(file)).flatMap((line) => logLine(line) ?? []);
}

/** Returns the number of complete lines in a log. */
export async function countLines(file: string): Promise<number> {
  return (await whole(file)).length;
}
