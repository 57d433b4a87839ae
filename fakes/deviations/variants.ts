// Liberties that the standard leaves a runtime and a kubelet: no spec may mind.
import fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { CriResponseInit, CriUnaryMethod } from '../../proto/load';
import { type CriCall, type CriStreamWrapper, onMethod } from '../base/cri-call';
import { type Ids, randomIds } from '../base/ids';
import { grpcStatus, StatusError } from '../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from './deviation';
import { changedMembers, eachMember } from './effects/archive-members';
import { answering } from './effects/http-effects';
import { otherDialect, rewrittenTar } from './effects/tar-forms';
import { foreignContents } from './mutants/archive/foreign-contents';
import { ownCheckpoints } from './mutants/runtime/own-checkpoints';
import { sameNameSameId, timeoutIsAnAnswer } from './personas/cri-o-behaviors';

/** Another status for what is refused. */
const refusals = (
  change: (found: { code: status; details: string }) => { code: status; details: string },
): Effects => ({
  runtimeCri: (call, next) =>
    next(call).catch((error: unknown) => {
      const { code, details } = change(grpcStatus(error));
      throw new StatusError(code, details);
    }),
});

/** Another form of every answer to one call. */
const answer = <M extends CriUnaryMethod>(
  method: M,
  change: (response: CriResponseInit<M>, call: CriCall<M>) => CriResponseInit<M>,
): Effects => ({ runtimeCri: onMethod(method, async (call, next) => change(await next(call), call)) });

/** The same, done to every map of strings, however deep. */
function turnMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnMaps);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, turnMaps(inner)])
      .reverse(),
  );
}

/** As a UUID is written; still hexadecimal digits, still unique. */
const uuids = (ids: Ids): Ids => ({
  next: () => ids.next().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
});

/** Events 50 ms after they happened. */
const lateEvents: CriStreamWrapper = (call, next) => {
  if (call.method !== 'GetContainerEvents') return next(call);
  return (async function* () {
    for await (const event of next(call)) {
      await setTimeout(50);
      yield event;
    }
  })();
};

/** Codes that the API names for a case; the others it leaves to the runtime. */
const NAMED_CODES: readonly status[] = [
  status.NOT_FOUND,
  status.UNIMPLEMENTED,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
];

const archives = {
  'foreign-contents': ['writes archives with wholly other contents than CRIU images', () => foreignContents],
  'more-members': [
    'puts files of its own into archives',
    () =>
      changedMembers((entries) => [
        ...entries,
        { name: 'vendor.json', mode: 0o600, size: 2, content: Buffer.from('{}') },
      ]),
  ],
  'members-in-other-order': [
    'writes the members of archives in another order',
    () => changedMembers((entries) => [...entries].reverse()),
  ],
  'members-with-other-modes': [
    'gives the members of archives other modes',
    () => eachMember(/$/, (entry) => ({ ...entry, mode: entry.name.endsWith('/') ? 0o755 : 0o400 })),
  ],
  'archive-of-another-tar': [
    'Writes archives as other writers of tar do: extension headers, numbers in base 256, name prefixes, full records',
    () => rewrittenTar(otherDialect),
  ],
  'members-without-time': [
    'writes no time of change into archives',
    () => ({ archive: (job, next) => next({ ...job, snapshot: { ...job.snapshot, checkpointedAt: '0' } }) }),
  ],
} satisfies DeviationTable;

const runtimeCri = {
  'other-messages': [
    'words its errors in another way',
    () =>
      refusals(({ code, details }) => ({
        code,
        details: details.includes('CheckpointContainer') ? details : `sorry: ${details}`,
      })),
  ],
  'other-codes': [
    'says Unknown where the API leaves the code open, as runtimes in use do',
    () => refusals(({ code, details }) => ({ code: NAMED_CODES.includes(code) ? code : status.UNKNOWN, details })),
  ],
  'slow-checkpoints': [
    'takes its time to checkpoint',
    () => ({
      runtimeCri: onMethod('CheckpointContainer', async (call, next) => {
        await setTimeout(150, undefined, { signal: call.signal });
        return next(call);
      }),
    }),
  ],
  'slow-answers': [
    'takes its time for every call',
    () => ({
      runtimeCri: async (call, next) => {
        await setTimeout(15);
        return next(call);
      },
    }),
  ],
  'empty-id-is-not-found': [
    'says NotFound to an empty id of a container, as CRI-O does',
    () => ({
      runtimeCri: onMethod('CheckpointContainer', async (call, next) => {
        if (call.request.container_id === '') throw new StatusError(status.NOT_FOUND, 'an id should not be empty');
        return next(call);
      }),
    }),
  ],
  'taken-name-is-the-same': [
    'answers with the id that is there where the name of a container or sandbox is taken, as CRI-O does',
    () => sameNameSameId,
  ],
  'late-command-is-an-answer': [
    'answers with exit code -1 where a command takes longer than it may, as CRI-O does',
    () => timeoutIsAnAnswer,
  ],
  'existing-files-refused': [
    'refuses a location where something is already, but for the archive of the same second',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        const found = await fs.lstat(call.request.location).catch(() => undefined);
        if (found) throw new StatusError(status.ALREADY_EXISTS, `${call.request.location} is there already`);
        return next(call);
      }),
    }),
  ],
  'stands-still-for-long': [
    'stops a container for a while to take it down',
    () => ({
      runtime: (options) => ({ ...options, settings: { checkpointMillisecondsPerMiB: 20, ...options.settings } }),
    }),
  ],
  'id-prefixes-refused': [
    'takes ids of containers in full only',
    (runtime) => ({
      runtimeCri: (call, next) => {
        const { container_id: id } = { container_id: '', ...call.request };
        const found = runtime().container(id);
        if (found && found.id !== id) throw new StatusError(status.NOT_FOUND, `no container has the id "${id}"`);
        return next(call);
      },
    }),
  ],
  'ids-of-another-form': [
    'names sandboxes and containers by UUIDs',
    () => ({ runtime: (options) => ({ ...options, ids: uuids(options.ids ?? randomIds) }) }),
  ],
  'other-key-order': [
    'answers fields and maps in another order',
    () => ({ runtimeCri: async (call, next) => turnMaps(await next(call)) as CriResponseInit<CriUnaryMethod> }),
  ],
  'lists-in-other-order': [
    'lists the newest containers first',
    () => answer('ListContainers', ({ containers = [] }) => ({ containers: [...(containers ?? [])].reverse() })),
  ],
  'late-events': [
    'tells of events a while after they happened',
    () => ({ runtime: (options) => ({ ...options, streams: [lateEvents, ...(options.streams ?? [])] }) }),
  ],
  'more-conditions': [
    'reports conditions that kubelets do not know',
    () =>
      answer('Status', (response) => ({
        ...response,
        status: {
          ...response.status,
          conditions: [
            ...(response.status?.conditions ?? []),
            { type: 'HasNoWarnings', status: false, reason: 'HasWarnings', message: '{"vendor/old":"is old"}' },
          ],
        },
      })),
  ],
  'more-information': [
    'tells more than was asked about a container',
    () =>
      answer('ContainerStatus', (response) => ({
        ...response,
        info: { ...response.info, vendor: '{"snapshotter":"other"}' },
      })),
  ],
  'other-reasons': [
    'names the reasons for the end of a container in its own words',
    () =>
      answer('ContainerStatus', (response) => ({
        ...response,
        ...(response.status?.reason && { status: { ...response.status, reason: 'Ended', message: 'has ended' } }),
      })),
  ],
} satisfies DeviationTable;

const kubelets = {
  'kubelet-sends-more-headers': [
    'sends headers of its own with every answer',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        return { ...response, headers: [...response.headers, ['Audit-Id', '0d7f'], ['Cache-Control', 'no-cache']] };
      },
    }),
  ],
  'kubelet-spaced-json': [
    'writes JSON with spaces and a line end',
    () => ({
      http: answering((response) =>
        response.status === 200
          ? { ...response, body: `${JSON.stringify(JSON.parse(response.body), undefined, 2)}\n` }
          : response,
      ),
    }),
  ],
} satisfies DeviationTable;

export const variants = deviations('variant', { ...archives, ...runtimeCri, ...kubelets });
