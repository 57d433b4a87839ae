// Runtimes that break what the API asks of the calls a checkpoint stands on, each in one way.
import { status } from '@grpc/grpc-js';
import type { CriUnaryMethod } from '../../../../proto/load';
import { chain } from '../../../base/chain';
import { type CriCall, type CriWrapper, onMethod } from '../../../base/cri-call';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';

const runtimeCri = (...wrappers: readonly CriWrapper[]): Effects => ({
  runtimeCri: (call, next) => chain(wrappers, next)(call),
});

/** Fails the second call of a method for one id. */
function second<M extends CriUnaryMethod>(method: M, idOf: (request: CriCall<M>['request']) => string): CriWrapper {
  const seen = new Set<string>();
  return onMethod(method, async (call, next) => {
    const id = idOf(call.request);
    if (seen.has(id)) throw new StatusError(status.FAILED_PRECONDITION, `${method}: ${id} was asked for before`);
    seen.add(id);
    return next(call);
  });
}

const notFound = (error: unknown) => error instanceof Error && /not found$/.test(error.message);
/** An answer without content where the id is unknown. */
const emptyIfUnknown = (method: 'ContainerStatus' | 'PodSandboxStatus') =>
  onMethod(method, (call, next) =>
    next(call).catch((error: unknown) => {
      if (notFound(error)) return {};
      throw error;
    }),
  );

const ABSENT = /^registry\.invalid\//;
const failsIfAbsent = (method: 'ImageStatus' | 'RemoveImage') =>
  onMethod(method, async (call, next) => {
    if (ABSENT.test(call.request.image?.image ?? '')) throw new StatusError(status.NOT_FOUND, 'there is no such image');
    return next(call);
  });

const table: DeviationTable = {
  'runtime-second-stop-fails': [
    'fails to stop what is stopped',
    () =>
      runtimeCri(
        second('StopContainer', (request) => request.container_id),
        second('StopPodSandbox', (request) => request.pod_sandbox_id),
      ),
  ],
  'runtime-second-removal-fails': [
    'fails to remove what is gone',
    () =>
      runtimeCri(
        second('RemoveContainer', (request) => request.container_id),
        second('RemovePodSandbox', (request) => request.pod_sandbox_id),
      ),
  ],
  'runtime-absent-image-is-an-error': [
    'fails for an image that is not there',
    () => runtimeCri(failsIfAbsent('ImageStatus'), failsIfAbsent('RemoveImage')),
  ],
  'runtime-without-api-version': [
    'does not say which API it speaks',
    () =>
      runtimeCri(
        onMethod('Version', async (call, next) => ({ ...(await next(call)), runtime_api_version: 'v1alpha2' })),
      ),
  ],
  'runtime-without-network-condition': [
    'does not say whether its network is ready',
    () =>
      runtimeCri(
        onMethod('Status', async (call, next) => {
          const answer = await next(call);
          const conditions = answer.status?.conditions?.filter(({ type }) => type !== 'NetworkReady') ?? [];
          return { ...answer, status: { ...answer.status, conditions } };
        }),
      ),
  ],
  'runtime-created-looks-running': [
    'calls a container running that was never started',
    () =>
      runtimeCri(
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          const isCreated = answer.status?.state === 'CONTAINER_CREATED';
          return isCreated ? { ...answer, status: { ...answer.status, state: 'CONTAINER_RUNNING' } } : answer;
        }),
      ),
  ],
  'runtime-times-are-missing': [
    'does not tell when a container ended',
    () =>
      runtimeCri(
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          return { ...answer, status: answer.status && { ...answer.status, finished_at: '0' } };
        }),
      ),
  ],
  'runtime-loses-exit-codes': [
    'forgets the exit code',
    () =>
      runtimeCri(
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          return { ...answer, status: answer.status && { ...answer.status, exit_code: 0 } };
        }),
      ),
  ],
  'runtime-stop-only-asks': [
    'does not kill what will not end within its grace period',
    () => runtimeCri(onMethod('StopContainer', async (call, next) => (call.request.timeout === '1' ? {} : next(call)))),
  ],
  'runtime-keeps-running-containers': [
    'does not remove a container that runs',
    (runtime) =>
      runtimeCri(
        onMethod('RemoveContainer', async (call, next) => {
          const found = runtime()
            .state()
            .containers.find(({ id }) => id === call.request.container_id);
          if (found?.state === 'CONTAINER_RUNNING')
            throw new StatusError(status.FAILED_PRECONDITION, 'the container runs');
          return next(call);
        }),
      ),
  ],
  'runtime-keeps-busy-sandboxes': [
    'does not remove a sandbox whose containers have run',
    (runtime) =>
      runtimeCri(
        onMethod('RemovePodSandbox', async (call, next) => {
          const has = runtime()
            .state()
            .containers.some(
              ({ sandboxId, state }) => sandboxId === call.request.pod_sandbox_id && state === 'CONTAINER_EXITED',
            );
          if (has) throw new StatusError(status.FAILED_PRECONDITION, 'containers of the sandbox have run');
          return next(call);
        }),
      ),
  ],
  'runtime-status-of-unknown-is-empty': [
    'answers for what is not there',
    () => runtimeCri(emptyIfUnknown('ContainerStatus'), emptyIfUnknown('PodSandboxStatus')),
  ],
  'runtime-lists-only-running': [
    'lists only what runs',
    () =>
      runtimeCri(
        onMethod('ListContainers', async (call, next) => {
          const answer = await next(call);
          const isPlain = !call.request.filter;
          return isPlain
            ? { containers: (answer.containers ?? []).filter(({ state }) => state === 'CONTAINER_RUNNING') }
            : answer;
        }),
      ),
  ],
  'runtime-ignores-id-filter': [
    'lists others than the one asked for by id',
    () =>
      runtimeCri(
        onMethod('ListContainers', (call, next) =>
          next({ ...call, request: { filter: call.request.filter && { ...call.request.filter, id: '' } } }),
        ),
        onMethod('ListPodSandbox', (call, next) =>
          next({ ...call, request: { filter: call.request.filter && { ...call.request.filter, id: '' } } }),
        ),
      ),
  ],
  'runtime-ignores-state-filter': [
    'lists what is in another state than asked for',
    () =>
      runtimeCri(
        onMethod('ListContainers', (call, next) =>
          // A kubelet's own filter has no sandbox: it goes on to work.
          call.request.filter?.pod_sandbox_id
            ? next({ ...call, request: { filter: { ...call.request.filter, state: null } } })
            : next(call),
        ),
        onMethod('ListPodSandbox', (call, next) =>
          call.request.filter?.id
            ? next({ ...call, request: { filter: { ...call.request.filter, state: null } } })
            : next(call),
        ),
      ),
  ],
  'runtime-ignores-sandbox-filter': [
    'lists containers of other sandboxes',
    () =>
      runtimeCri(
        onMethod('ListContainers', (call, next) =>
          next({ ...call, request: { filter: call.request.filter && { ...call.request.filter, pod_sandbox_id: '' } } }),
        ),
      ),
  ],
  'runtime-ignores-label-filter': [
    'lists containers that lack a label',
    () =>
      runtimeCri(
        onMethod('ListContainers', (call, next) => {
          const { filter } = call.request;
          const unknown = Object.keys(filter?.label_selector ?? {}).some((name) => name.startsWith('ckptest.invalid/'));
          return unknown && filter
            ? next({ ...call, request: { filter: { ...filter, label_selector: {} } } })
            : next(call);
        }),
      ),
  ],
};

export const contractMutants = deviations('mutant', table);
