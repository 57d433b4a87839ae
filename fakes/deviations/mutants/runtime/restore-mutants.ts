// Defines runtimes that save wrong state in a checkpoint, or that restore it wrongly.
import fs from 'node:fs/promises';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { containerdEntries } from '../../../archive/containerd/containerd-layout';
import type { ArchiveEntry } from '../../../archive/job';
import type { ContainerSnapshot, SnapshotProcess } from '../../../archive/snapshot';
import { chain } from '../../../base/chain';
import { type CriCall, type CriWrapper, onMethod } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';
import { StatusError } from '../../../runtime/grpc/errors';
import { BUSYBOX_IMAGE } from '../../../runtime/state/images';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { eachMember, memberBytes, memberWith, withoutMembers } from '../../effects/archive-members';
import { withLogElsewhere } from './log-elsewhere';

type Create = CriCall<'CreateContainer'>;
type Next = (call: Create) => Promise<{ container_id?: string }>;

/** Makes effects that change the snapshot that a checkpoint saves. */
const changeSnapshot = (change: (snapshot: ContainerSnapshot) => ContainerSnapshot): Effects => ({
  archive: (job, next) => next({ ...job, entries: containerdEntries(change(job.snapshot)) }),
});
const processes = (change: (process: SnapshotProcess) => SnapshotProcess) =>
  changeSnapshot((snapshot) => ({ ...snapshot, processes: snapshot.processes.map(change) }));

const withoutState = ({ state: _, ...process }: SnapshotProcess): SnapshotProcess => process;

/** Returns the process with an increased counter variable of its script. */
function withLaterCounter(process: SnapshotProcess): SnapshotProcess {
  const text = process.state?.toString().replace(/\["i","(\d+)"\]/, (_, i) => `["i","${Number(i) + 1000}"]`);
  return text === undefined ? process : { ...process, state: Buffer.from(text) };
}

/** Makes the log newer than the memory: adds numbers that follow the last one. */
function withLaterLines(entry: ArchiveEntry): ArchiveEntry {
  const text = memberBytes(entry).toString();
  const [, head = '', last = ''] = /^(\S+ stdout F )(\d+)$/m.exec(text.trimEnd().split('\n').at(-1) ?? '') ?? [];
  const more = [1, 2, 3].map((n) => `${head}${Number(last) + n}\n`).join('');
  return memberWith(entry, Buffer.from(text + more));
}
const LOG = 'container.log';

/** Makes an interceptor of the creation of containers from an archive. */
const creation = (wrapper: (call: Create, next: Next) => Promise<{ container_id?: string }>): CriWrapper =>
  onMethod('CreateContainer', (call, next) => (path.isAbsolute(imageOf(call)) ? wrapper(call, next) : next(call)));
const imageOf = ({ request }: Create) => request.config?.image?.image ?? '';
const runtimeCri = (...wrappers: readonly CriWrapper[]): Effects => ({
  runtimeCri: (call, next) => chain(wrappers, next)(call),
});

/** Returns the same request with an ordinary image, so that the container starts from the beginning. */
const withOrdinaryImage = (call: Create): Create => {
  const { config } = call.request;
  const image = config?.image ? { ...config.image, image: BUSYBOX_IMAGE } : null;
  return { ...call, request: { ...call.request, config: config && { ...config, image } } };
};

const failed = (message: string) => new StatusError(status.UNKNOWN, message);
const isRestored = (runtime: () => RuntimeControl, id: string) => runtime().container(id)?.restored === true;

/** Makes effects that replace the labels or annotations in the status of restored containers. */
const reportsOld = (
  runtime: () => RuntimeControl,
  part: 'labels' | 'annotations',
  map: Record<string, string>,
): Effects =>
  runtimeCri(
    onMethod('ContainerStatus', async (call, next) => {
      const answer = await next(call);
      if (!isRestored(runtime, call.request.container_id)) return answer;
      return { ...answer, status: { ...answer.status, [part]: map } };
    }),
  );

const table: DeviationTable = {
  'restore-logs-elsewhere': [
    'Writes the log of a restored container to another path than the request gives',
    () => runtimeCri(creation((call, next) => next(withLogElsewhere(call)))),
  ],
  'restore-refuses-restarted-container': [
    'Fails to restore a container that was restarted',
    () =>
      runtimeCri(
        creation(async (call, next) => {
          if ((call.request.config?.metadata?.attempt ?? 0) > 0) throw failed('no such attempt');
          return next(call);
        }),
      ),
  ],
  'restore-starts-again': [
    'Starts the program from the beginning instead of resuming it',
    () => processes(withoutState),
  ],
  'restore-skips-numbers': [
    'Resumes the program at a later point than the checkpoint',
    () => processes(withLaterCounter),
  ],
  'restore-loses-offset': [
    'Loses the offsets of open files',
    () =>
      processes((process) => ({
        ...process,
        openFiles: process.openFiles.map((file) => ({ ...file, position: 0 })),
      })),
  ],
  'restore-loses-files': [
    'Loses files that were written',
    () => changeSnapshot((snapshot) => ({ ...snapshot, changedFiles: [] })),
  ],
  'restore-loses-deletions': [
    'Restores files that were deleted',
    () =>
      changeSnapshot((snapshot) => ({
        ...snapshot,
        changedFiles: snapshot.changedFiles.filter(({ content }) => content),
      })),
  ],
  'restore-loses-children': [
    'Loses child processes',
    () => processes((process) => (process.parentPid === 0 ? process : withoutState(process))),
  ],
  'restore-loses-log': ['Loses the log', () => withoutMembers((name) => name === LOG)],
  'restore-log-is-ahead': [
    "Copies a log that is newer than the container's memory",
    () => eachMember(/^container\.log$/, withLaterLines),
  ],
  'restore-only-where-made': [
    'Restores only archives that it wrote itself and that were not moved',
    () => {
      const own = new Set<string>();
      return runtimeCri(
        onMethod('CheckpointContainer', async (call, next) => {
          const answer = await next(call);
          own.add(call.request.location);
          return answer;
        }),
        creation((call, next) => {
          if (own.has(imageOf(call))) return next(call);
          throw failed(`${imageOf(call)} was not written here`);
        }),
      );
    },
  ],
  'restore-stays-frozen': [
    'Leaves a restored container frozen',
    (runtime) =>
      runtimeCri(
        onMethod('StartContainer', async (call, next) => {
          const answer = await next(call);
          if (isRestored(runtime, call.request.container_id)) runtime().freeze(call.request.container_id);
          return answer;
        }),
      ),
  ],
  'restore-is-final': [
    'Refuses to checkpoint a restored container',
    (runtime) =>
      runtimeCri(
        onMethod('CheckpointContainer', async (call, next) => {
          if (isRestored(runtime, call.request.container_id)) throw failed('a restored container is not checkpointed');
          return next(call);
        }),
      ),
  ],
  'restore-runs-at-once': [
    'Reports a restored container as running before it is started',
    (runtime) =>
      runtimeCri(
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          const early = isRestored(runtime, call.request.container_id) && answer.status?.state === 'CONTAINER_CREATED';
          return early ? { ...answer, status: { ...answer.status, state: 'CONTAINER_RUNNING' } } : answer;
        }),
      ),
  ],
  'restore-keeps-old-labels': [
    'Reports the labels of the checkpointed container',
    (runtime) => reportsOld(runtime, 'labels', { which: 'old', only: 'old' }),
  ],
  'restore-keeps-old-annotations': [
    'Reports the annotations of the checkpointed container',
    (runtime) => reportsOld(runtime, 'annotations', { which: 'old', only: 'old' }),
  ],
  'restore-shows-the-archive': [
    'Reports the path of the archive as the image',
    (runtime) => {
      const archives = new Map<string, string>();
      return runtimeCri(
        creation(async (call, next) => {
          const answer = await next(call);
          archives.set(answer.container_id ?? '', imageOf(call));
          return answer;
        }),
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          const image = archives.get(call.request.container_id);
          if (image === undefined || !isRestored(runtime, call.request.container_id)) return answer;
          return { ...answer, status: { ...answer.status, image: { image } } };
        }),
      );
    },
  ],
  'restore-takes-anything': [
    'Creates a new container from an archive that it cannot restore',
    () => runtimeCri(creation((call, next) => next(call).catch(() => next(withOrdinaryImage(call))))),
  ],
  'restore-refusal-leaves-a-container': [
    'Leaves a container behind when it refuses an archive',
    () =>
      runtimeCri(
        creation(async (call, next) => {
          try {
            return await next(call);
          } catch (error) {
            const metadata = call.request.config?.metadata;
            const { config } = withOrdinaryImage(call).request;
            const other = { ...config, metadata: metadata ? { ...metadata, name: `${metadata.name}-left` } : null };
            await next({ ...call, request: { ...call.request, config: config && { ...config, ...other } } });
            throw error;
          }
        }),
      ),
  ],
  'restore-refusal-keeps-the-name': [
    'Keeps the name of a container reserved when it refuses an archive',
    () => {
      const reservedNames = new Set<string>();
      return runtimeCri(
        creation(async (call, next) => {
          const name = `${call.request.pod_sandbox_id} ${call.request.config?.metadata?.name}`;
          if (reservedNames.has(name)) throw failed(`the name ${name} is taken`);
          try {
            return await next(call);
          } catch (error) {
            reservedNames.add(name);
            throw error;
          }
        }),
      );
    },
  ],
  'restore-eats-the-archive': [
    'Deletes the archive that it restored',
    () =>
      runtimeCri(
        creation(async (call, next) => {
          const answer = await next(call);
          await fs.rm(imageOf(call), { force: true });
          return answer;
        }),
      ),
  ],
  'restore-only-once': [
    'Restores an archive only once',
    () => {
      const used = new Set<string>();
      return runtimeCri(
        creation(async (call, next) => {
          const location = imageOf(call);
          if (used.has(location)) throw failed(`${location} has been restored before`);
          const answer = await next(call);
          used.add(location);
          return answer;
        }),
      );
    },
  ],
};

export const restoreMutants = deviations('mutant', table);
