// Defines runtimes whose checkpoints have side effects on the container's status, its log or its sandbox.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { CriResponseInit, CriUnaryMethod } from '../../../../proto/load';
import { chain } from '../../../base/chain';
import { type CriCall, type CriStreamWrapper, type CriWrapper, onMethod } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { afterSuccess } from './own-checkpoints';

const runtimeCri = (...wrappers: readonly CriWrapper[]): Effects => ({
  runtimeCri: (call, next) => chain(wrappers, next)(call),
});

/**
 * Makes effects that change the responses of one method after checkpoints.
 * @param change changes a response. `marked` contains the ids of the containers that have been checkpointed
 */
function onceMarked<M extends CriUnaryMethod>(
  method: M,
  change: (response: CriResponseInit<M>, marked: ReadonlySet<string>, call: CriCall<M>) => CriResponseInit<M>,
): Effects {
  const marked = new Set<string>();
  return runtimeCri(
    afterSuccess((id) => void marked.add(id)),
    onMethod(method, async (call, next) => change(await next(call), marked, call)),
  );
}

const MARK = { 'ckptest.invalid/checkpointed': 'true' };

function addsALabel(): Effects {
  const marked = new Set<string>();
  return runtimeCri(
    afterSuccess((id) => void marked.add(id)),
    onMethod('ContainerStatus', async (call, next) => {
      const answer = await next(call);
      const { status } = answer;
      return status && marked.has(status.id ?? '')
        ? { ...answer, status: { ...status, labels: { ...status.labels, ...MARK } } }
        : answer;
    }),
    onMethod('ListContainers', async (call, next) => {
      const { containers = [] } = await next(call);
      return {
        containers: (containers ?? []).map((one) =>
          marked.has(one.id ?? '') ? { ...one, labels: { ...one.labels, ...MARK } } : one,
        ),
      };
    }),
  );
}

/** Makes effects that send a start event for a checkpointed container before the next event of another container. */
function sendsStartEvent(): Effects {
  let pendingId: string | undefined;
  const streams: CriStreamWrapper = (call, next) => {
    if (call.method !== 'GetContainerEvents') return next(call);
    return (async function* () {
      for await (const event of next(call)) {
        const container_id = pendingId;
        pendingId = undefined;
        if (container_id !== undefined)
          yield { ...event, container_id, container_event_type: 'CONTAINER_STARTED_EVENT' as const };
        yield event;
      }
    })();
  };
  return {
    runtimeCri: afterSuccess((id) => {
      pendingId = id;
    }),
    runtime: (options) => ({ ...options, streams: [streams, ...(options.streams ?? [])] }),
  };
}

function neighbours(runtime: RuntimeControl, id: string) {
  const sandboxId = runtime.container(id)?.sandboxId;
  return runtime
    .state()
    .containers.filter((one) => one.sandboxId === sandboxId && one.id !== id && one.state === 'CONTAINER_RUNNING');
}

const table: DeviationTable = {
  'runtime-checkpoint-adds-a-label': ['Adds a label to a container that was checkpointed', addsALabel],
  'runtime-checkpoint-resets-the-start': [
    'Reports the time of the checkpoint as the start of the container',
    () =>
      onceMarked('ContainerStatus', (answer, marked) =>
        answer.status && marked.has(answer.status.id ?? '')
          ? { ...answer, status: { ...answer.status, started_at: `${BigInt(Date.now()) * 1_000_000n}` } }
          : answer,
      ),
  ],
  'runtime-checkpoint-stops-the-sandbox': [
    'Reports a sandbox as not ready after a container of it was checkpointed',
    (runtime) =>
      onceMarked('PodSandboxStatus', (answer, marked) => {
        const has = [...marked].some((id) => runtime().container(id)?.sandboxId === answer.status?.id);
        return has ? { ...answer, status: { ...answer.status, state: 'SANDBOX_NOTREADY' as const } } : answer;
      }),
  ],
  'runtime-checkpoint-lists-a-copy': [
    'Lists a copy of a container that was checkpointed',
    () =>
      onceMarked('ListContainers', ({ containers = [] }, marked) => {
        const copies = (containers ?? []).filter(({ id = '' }) => marked.has(id));
        return {
          containers: [...(containers ?? []), ...copies.map((one) => ({ ...one, id: `c${one.id?.slice(1)}` }))],
        };
      }),
  ],
  'runtime-leaves-checkpoint-image': [
    'Keeps an image of a container that was checkpointed',
    (runtime) => runtimeCri(afterSuccess((id) => runtime().addImage(`localhost/checkpoint/${id}:latest`))),
  ],
  'runtime-checkpoint-tells-a-start': ['Sends a start event after a checkpoint', sendsStartEvent],
  'runtime-checkpoint-cuts-the-log': [
    'Empties the log of a container when it checkpoints it',
    (runtime) =>
      runtimeCri(
        afterSuccess(async (id) => {
          const file = runtime().container(id)?.logPath;
          if (file) await fs.truncate(file, 0).catch(() => undefined);
        }),
      ),
  ],
  'runtime-checkpoint-removes-rotated-logs': [
    'Removes the rotated logs of a container that it checkpoints',
    (runtime) =>
      runtimeCri(
        afterSuccess(async (id) => {
          const log = runtime().container(id)?.logPath;
          if (!log) return;
          const names = await fs.readdir(path.dirname(log));
          const rotated = names.filter((name) => name.startsWith(`${path.basename(log)}.`));
          await Promise.all(rotated.map((name) => fs.rm(path.join(path.dirname(log), name), { force: true })));
        }),
      ),
  ],
  'runtime-checkpoint-freezes-neighbours': [
    'Freezes the other containers of the sandbox and does not resume them',
    (runtime) =>
      runtimeCri(
        afterSuccess((id) => {
          if (id === '') return;
          for (const one of neighbours(runtime(), id)) runtime().freeze(one.id);
        }),
      ),
  ],
};

export const sideEffectMutants = deviations('mutant', table);
