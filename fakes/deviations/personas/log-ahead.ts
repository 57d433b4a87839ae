// The log of a container that has gone on since it was dumped, in the archive of that dump.
import { containerLog } from '../../archive/container-log';
import type { ArchiveJob } from '../../archive/job';
import { pause } from '../../base/waiting';
import { clocked } from '../apply';
import type { Effects } from '../deviation';

/** What lies between a dump's end and the copy of the log, as long as a shell's shortest steps take (ms, deduced). */
const AFTER_DUMP_MS = 25;

/** Under the name that containerd gives it. */
const LOG = 'container.log';

function withLogOfNow(job: ArchiveJob): ArchiveJob {
  const log = containerLog(job.snapshot.logPath);
  return log ? { ...job, entries: job.entries.map((one) => (one.name === LOG ? { ...one, ...log } : one)) } : job;
}

/** Takes the log late, where there is one. */
export const logTakenLate = (): Effects =>
  clocked((clock) => ({
    archive: async (job, next) => {
      if (!job.entries.some(({ name }) => name === LOG)) return next(job);
      await pause(clock(), AFTER_DUMP_MS, job.signal);
      return next(withLogOfNow(job));
    },
  }));
