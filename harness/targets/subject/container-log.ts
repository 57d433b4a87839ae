// Reads the log file of a container in the CRI log format: time, stream, F or P, text.
import fs from 'node:fs/promises';
import type { LogLine, TestContainer } from '../../../specs/subject/subject';
import type { CriClient } from '../../clients/cri-client';

/** Deadline of a status call, seconds. */
const STATUS_SECONDS = 120;

const LINE = /^(\S+) (?:stdout|stderr) [FP] (.*)$/;

/** Parses a line of a log. `Date.parse` ignores digits below a millisecond. */
function logLine(line: string): LogLine | undefined {
  const [, time, text] = LINE.exec(line) ?? [];
  const atMs = Date.parse(time ?? '');
  return text === undefined || Number.isNaN(atMs) ? undefined : { atMs, text };
}

const whole = async (file: string) => (await fs.readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);

/**
 * Reads the log of a container from the path in its status, as a kubelet does. Incomplete lines, lines in another
 * format and a missing file are ignored.
 *
 * @param asked the log path in the request for the container, used if the status has no path or is not available
 */
export function trackedLog(
  client: CriClient,
  container_id: string,
  asked: string,
): Pick<TestContainer, 'progress' | 'log'> {
  let known: string | undefined;
  const lines = async () => {
    if (known === undefined) {
      const outcome = await client.call('ContainerStatus', { container_id }, STATUS_SECONDS);
      known = (outcome.ok && outcome.response.status?.log_path) || undefined;
    }
    return await whole(known ?? asked);
  };
  return {
    progress: async () => (await lines()).length,
    log: async () => (await lines()).flatMap((line) => logLine(line) ?? []),
  };
}
