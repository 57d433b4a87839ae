// Defines runtimes that break the CRI contract of the calls that surround a checkpoint.
import { status } from '@grpc/grpc-js';
import type { CriUnaryMethod } from '../../../../proto/load';
import { chain } from '../../../base/chain';
import { type CriCall, type CriWrapper, onMethod } from '../../../base/cri-call';
import { randomIds } from '../../../base/ids';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';

const runtimeCri = (...wrappers: readonly CriWrapper[]): Effects => ({
  runtimeCri: (call, next) => chain(wrappers, next)(call),
});

/** Makes an interceptor that fails the second call of a method with the same id. */
function second<M extends CriUnaryMethod>(method: M, idOf: (request: CriCall<M>['request']) => string): CriWrapper {
  const seen = new Set<string>();
  return onMethod(method, async (call, next) => {
    const id = idOf(call.request);
    if (seen.has(id)) throw new StatusError(status.FAILED_PRECONDITION, `${method}: ${id} had this call before`);
    seen.add(id);
    return next(call);
  });
}

const notFound = (error: unknown) => error instanceof Error && /not found$/.test(error.message);
/** Makes an interceptor that returns an empty response to a call with an unknown id. */
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
    'Fails to stop a container that is already stopped',
    () =>
      runtimeCri(
        second('StopContainer', (request) => request.container_id),
        second('StopPodSandbox', (request) => request.pod_sandbox_id),
      ),
  ],
  'runtime-second-removal-fails': [
    'Fails to remove a container that does not exist any more',
    () =>
      runtimeCri(
        second('RemoveContainer', (request) => request.container_id),
        second('RemovePodSandbox', (request) => request.pod_sandbox_id),
      ),
  ],
  'runtime-absent-image-is-an-error': [
    'Fails if an image does not exist',
    () => runtimeCri(failsIfAbsent('ImageStatus'), failsIfAbsent('RemoveImage')),
  ],
  'runtime-creates-in-stopped-sandboxes': [
    'Accepts new containers in a stopped sandbox',
    (runtime) =>
      runtimeCri(
        onMethod('CreateContainer', async (call, next) => {
          const sandbox = runtime().sandbox(call.request.pod_sandbox_id);
          return sandbox?.state === 'SANDBOX_NOTREADY' ? { container_id: randomIds.next() } : next(call);
        }),
      ),
  ],
  'runtime-without-api-version': [
    'Does not report the version of its API',
    () =>
      runtimeCri(
        onMethod('Version', async (call, next) => ({ ...(await next(call)), runtime_api_version: 'v1alpha2' })),
      ),
  ],
  'runtime-without-network-condition': [
    'Does not report whether its network is ready',
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
    'Reports a container as running that was never started',
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
    'Does not report when a container exited',
    () =>
      runtimeCri(
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          return { ...answer, status: answer.status && { ...answer.status, finished_at: '0' } };
        }),
      ),
  ],
  'runtime-loses-exit-codes': [
    'Does not report exit codes',
    () =>
      runtimeCri(
        onMethod('ContainerStatus', async (call, next) => {
          const answer = await next(call);
          return { ...answer, status: answer.status && { ...answer.status, exit_code: 0 } };
        }),
      ),
  ],
  'runtime-stop-only-asks': [
    'Does not kill a container when its grace period has passed',
    () => runtimeCri(onMethod('StopContainer', async (call, next) => (call.request.timeout === '1' ? {} : next(call)))),
  ],
  'runtime-keeps-running-containers': [
    'Does not remove a running container',
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
    'Does not remove a sandbox whose containers have run',
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
    'Returns a status for an id that does not exist',
    () => runtimeCri(emptyIfUnknown('ContainerStatus'), emptyIfUnknown('PodSandboxStatus')),
  ],
  'runtime-lists-only-running': [
    'Lists only running containers',
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
    'Ignores the id in the filter of a list',
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
    'Ignores the state in the filter of a list',
    () =>
      runtimeCri(
        onMethod('ListContainers', (call, next) =>
          // Ignore the state only if the filter also has a sandbox. A kubelet's own filter has no sandbox, so kubelets
          // continue to work.
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
    'Lists containers of other sandboxes',
    () =>
      runtimeCri(
        onMethod('ListContainers', (call, next) =>
          next({ ...call, request: { filter: call.request.filter && { ...call.request.filter, pod_sandbox_id: '' } } }),
        ),
      ),
  ],
  'runtime-ignores-label-filter': [
    'Lists containers without the label in the filter',
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
