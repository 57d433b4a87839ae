// Defines behavior that the standard allows. No spec may fail because of it.
import fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { CriResponseInit, CriUnaryMethod } from '../../proto/load';
import { type CriCall, type CriStreamWrapper, onMethod } from '../base/cri-call';
import { type Ids, randomIds } from '../base/ids';
import { grpcStatus, StatusError } from '../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from './deviation';
import { changedMembers, eachMember } from './effects/archive-members';
import { changeResponse } from './effects/http-effects';
import { otherDialect, rewrittenTar } from './effects/tar-forms';
import { foreignContents } from './mutants/archive/foreign-contents';
import { ownCheckpoints } from './mutants/runtime/own-checkpoints';
import { sameNameSameId, timeoutIsAnAnswer } from './personas/cri-o-behaviors';

/** Makes effects that change the status of refused calls. */
const refusals = (
  change: (found: { code: status; details: string }) => { code: status; details: string },
): Effects => ({
  runtimeCri: (call, next) =>
    next(call).catch((error: unknown) => {
      const { code, details } = change(grpcStatus(error));
      throw new StatusError(code, details);
    }),
});

/** Makes effects that change the form of every response to one call. */
const answer = <M extends CriUnaryMethod>(
  method: M,
  change: (response: CriResponseInit<M>, call: CriCall<M>) => CriResponseInit<M>,
): Effects => ({ runtimeCri: onMethod(method, async (call, next) => change(await next(call), call)) });

/** Reverses the order of every map of strings in a value, at any depth. */
function reverseMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseMaps);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, reverseMaps(inner)])
      .reverse(),
  );
}

/** Formats ids as UUIDs. They are still unique and hexadecimal. */
const uuids = (ids: Ids): Ids => ({
  next: () => ids.next().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
});

/** An interceptor that delivers events 50 ms late. */
const lateEvents: CriStreamWrapper = (call, next) => {
  if (call.method !== 'GetContainerEvents') return next(call);
  return (async function* () {
    for await (const event of next(call)) {
      await setTimeout(50);
      yield event;
    }
  })();
};

/** The codes that the API requires for certain errors. For all other errors, a runtime may choose any code. */
const NAMED_CODES: readonly status[] = [
  status.NOT_FOUND,
  status.UNIMPLEMENTED,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
];

const archives = {
  'foreign-contents': ['Writes archives that contain something else than CRIU images', () => foreignContents],
  'more-members': [
    'Adds its own files to archives',
    () =>
      changedMembers((entries) => [
        ...entries,
        { name: 'vendor.json', mode: 0o600, size: 2, content: Buffer.from('{}') },
      ]),
  ],
  'members-in-other-order': [
    'Writes the members of archives in another order',
    () => changedMembers((entries) => [...entries].reverse()),
  ],
  'members-with-other-modes': [
    'Gives the members of archives other modes',
    () => eachMember(/$/, (entry) => ({ ...entry, mode: entry.name.endsWith('/') ? 0o755 : 0o400 })),
  ],
  'archive-of-another-tar': [
    'Writes archives as other tar programs do: extension headers, numbers in base 256, name prefixes, full records',
    () => rewrittenTar(otherDialect),
  ],
  'members-without-time': [
    'Writes archives without modification times',
    () => ({ archive: (job, next) => next({ ...job, snapshot: { ...job.snapshot, checkpointedAt: '0' } }) }),
  ],
} satisfies DeviationTable;

const runtimeCri = {
  'other-messages': [
    'Uses other error messages',
    () =>
      refusals(({ code, details }) => ({
        code,
        details: details.includes('CheckpointContainer') ? details : `sorry: ${details}`,
      })),
  ],
  'other-codes': [
    'Responds with Unknown where the API does not require a code, as real runtimes do',
    () => refusals(({ code, details }) => ({ code: NAMED_CODES.includes(code) ? code : status.UNKNOWN, details })),
  ],
  'slow-checkpoints': [
    'Takes a long time for a checkpoint',
    () => ({
      runtimeCri: onMethod('CheckpointContainer', async (call, next) => {
        await setTimeout(150, undefined, { signal: call.signal });
        return next(call);
      }),
    }),
  ],
  'slow-answers': [
    'Takes a long time for every call',
    () => ({
      runtimeCri: async (call, next) => {
        await setTimeout(15);
        return next(call);
      },
    }),
  ],
  'empty-id-is-not-found': [
    'Responds with NotFound to an empty container id, as CRI-O does',
    () => ({
      runtimeCri: onMethod('CheckpointContainer', async (call, next) => {
        if (call.request.container_id === '') throw new StatusError(status.NOT_FOUND, 'an id should not be empty');
        return next(call);
      }),
    }),
  ],
  'taken-name-is-the-same': [
    'Returns the existing id if the name of a container or sandbox is reserved, as CRI-O does',
    () => sameNameSameId,
  ],
  'late-command-is-an-answer': [
    'Returns exit code -1 if a command takes longer than its timeout, as CRI-O does',
    () => timeoutIsAnAnswer,
  ],
  'existing-files-refused': [
    'Refuses a location at which a file exists, unless it is an archive of the same second',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        const found = await fs.lstat(call.request.location).catch(() => undefined);
        if (found) throw new StatusError(status.ALREADY_EXISTS, `${call.request.location} is there already`);
        return next(call);
      }),
    }),
  ],
  'stands-still-for-long': [
    'Pauses a container for some time during a checkpoint',
    () => ({
      runtime: (options) => ({ ...options, settings: { checkpointMillisecondsPerMiB: 20, ...options.settings } }),
    }),
  ],
  'id-prefixes-refused': [
    'Accepts only full container ids',
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
    'Uses UUIDs as ids of sandboxes and containers',
    () => ({ runtime: (options) => ({ ...options, ids: uuids(options.ids ?? randomIds) }) }),
  ],
  'other-key-order': [
    'Sends fields and maps in another order',
    () => ({ runtimeCri: async (call, next) => reverseMaps(await next(call)) as CriResponseInit<CriUnaryMethod> }),
  ],
  'lists-in-other-order': [
    'Lists the newest containers first',
    () => answer('ListContainers', ({ containers = [] }) => ({ containers: [...(containers ?? [])].reverse() })),
  ],
  'late-events': [
    'Sends events some time after they happened',
    () => ({ runtime: (options) => ({ ...options, streams: [lateEvents, ...(options.streams ?? [])] }) }),
  ],
  'more-conditions': [
    'Reports conditions that kubelets do not know',
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
    'Reports additional information about a container',
    () =>
      answer('ContainerStatus', (response) => ({
        ...response,
        info: { ...response.info, vendor: '{"snapshotter":"other"}' },
      })),
  ],
  'other-reasons': [
    'Uses its own names for the reasons why a container exited',
    () =>
      answer('ContainerStatus', (response) => ({
        ...response,
        ...(response.status?.reason && { status: { ...response.status, reason: 'Ended', message: 'has ended' } }),
      })),
  ],
} satisfies DeviationTable;

const kubelets = {
  'kubelet-sends-more-headers': [
    'Adds its own headers to every response',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        return { ...response, headers: [...response.headers, ['Audit-Id', '0d7f'], ['Cache-Control', 'no-cache']] };
      },
    }),
  ],
  'kubelet-closes-idle-connections': [
    'Closes a connection that has been idle for one second',
    () => ({ kubelet: (options) => ({ ...options, idleConnectionMs: 1000 }) }),
  ],
  'kubelet-without-date': [
    'Sends no Date header, as a server without a reliable clock',
    () => ({
      kubelet: (options) => ({
        ...options,
        framing: (bytes) => Buffer.from(bytes.toString('latin1').replace(/^Date: .*\r\n/m, ''), 'latin1'),
      }),
    }),
  ],
  'kubelet-spaced-json': [
    'Writes JSON with spaces and a newline at the end',
    () => ({
      http: changeResponse((response) =>
        response.status === 200
          ? { ...response, body: `${JSON.stringify(JSON.parse(response.body), undefined, 2)}\n` }
          : response,
      ),
    }),
  ],
} satisfies DeviationTable;

export const variants = deviations('variant', { ...archives, ...runtimeCri, ...kubelets });
