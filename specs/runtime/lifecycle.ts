// The life of sandboxes and containers, as far as a checkpoint stands on it.

import { criApi } from '../catalogue/sources';
import { expectEqual, expectFailed, expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';

const ABSENT = 'e'.repeat(64);
/** Ignores the signal that asks it to end. */
const STUBBORN = ['/bin/sh', '-c', "trap '' TERM; while true; do sleep 0.1; done"];

export const lifecycleSpecs = group('runtime/lifecycle', { level: 'contract', needs: ['runtime'] }, [
  {
    id: 'version-is-v1',
    title: 'Version returns the name and version of the runtime and the API version v1',
    source: criApi('Version'),
    mutants: { 'runtime-without-api-version': 'version' },
    async check({ runtime }) {
      const outcome = await runtime.call('Version', { version: 'v1' });
      expectOk('Version', outcome);
      const { runtime_name, runtime_version, runtime_api_version } = outcome.response;
      expectThat('name', runtime_name !== '' && runtime_version !== '', 'a name and a version', outcome.response);
      expectEqual('version', runtime_api_version, 'v1');
    },
  },
  {
    id: 'status-has-both-conditions',
    title: 'Status contains the conditions RuntimeReady and NetworkReady',
    source: criApi('Status'),
    mutants: { 'runtime-without-network-condition': 'conditions' },
    async check({ runtime }) {
      const outcome = await runtime.call('Status', {});
      expectOk('Status', outcome);
      const types = outcome.response.status?.conditions.map(({ type }) => type) ?? [];
      const both = types.includes('RuntimeReady') && types.includes('NetworkReady');
      expectThat('conditions', both, 'conditions RuntimeReady and NetworkReady', types.join(', '));
    },
  },
  {
    id: 'created-started-stopped',
    title: 'A container goes from created to running to exited, and its status has the time of each step',
    source: criApi('ContainerStatus'),
    mutants: { 'runtime-created-looks-running': 'state', 'runtime-times-are-missing': 'times' },
    async check({ runtime }) {
      const { id: container_id, state } = await runtime.created();
      expectEqual('state', await state(), 'CONTAINER_CREATED');
      expectOk('StartContainer', await runtime.call('StartContainer', { container_id }));
      expectEqual('state', await state(), 'CONTAINER_RUNNING');
      expectOk('StopContainer', await runtime.call('StopContainer', { container_id }));
      expectEqual('state', await state(), 'CONTAINER_EXITED');
      const outcome = await runtime.call('ContainerStatus', { container_id });
      expectOk('ContainerStatus', outcome);
      const { created_at = '0', started_at = '0', finished_at = '0' } = outcome.response.status ?? {};
      const [created, started, finished] = [created_at, started_at, finished_at].map(BigInt);
      const ordered = created && started && finished && created <= started && started <= finished;
      expectThat('times', !!ordered, 'created, started and finished in this order', [
        created_at,
        started_at,
        finished_at,
      ]);
    },
  },
  {
    id: 'exit-code-is-kept',
    title: 'The status of an exited container contains its exit code',
    source: criApi('ContainerStatus'),
    mutants: { 'runtime-loses-exit-codes': 'exit-code' },
    async check({ runtime, until }) {
      const { id: container_id, state } = await runtime.started({ command: ['/bin/sh', '-c', 'exit 7'] });
      await until('exit', state, (seen) => seen === 'CONTAINER_EXITED');
      const outcome = await runtime.call('ContainerStatus', { container_id });
      expectOk('ContainerStatus', outcome);
      expectEqual('exit-code', outcome.response.status?.exit_code, 7);
    },
  },
  {
    id: 'stop-kills-after-the-grace-period',
    title: 'A container that ignores SIGTERM is killed when its grace period is over',
    source: criApi('StopContainer'),
    mutants: { 'runtime-stop-only-asks': 'state' },
    async check({ runtime }) {
      const { id: container_id, state } = await runtime.started({ command: STUBBORN });
      expectOk('StopContainer', await runtime.call('StopContainer', { container_id, timeout: 1 }));
      expectEqual('state', await state(), 'CONTAINER_EXITED');
    },
  },
  {
    id: 'running-container-is-removed-by-force',
    title: 'RemoveContainer stops and removes a running container',
    source: criApi('RemoveContainer'),
    mutants: { 'runtime-keeps-running-containers': 'ok', 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      const { id: container_id } = await runtime.started();
      expectOk('RemoveContainer', await runtime.call('RemoveContainer', { container_id }));
      expectFailed('ContainerStatus', await runtime.call('ContainerStatus', { container_id }));
    },
  },
  {
    id: 'sandbox-takes-its-containers-along',
    title: 'Removing a sandbox removes its containers, even running ones',
    source: criApi('RemovePodSandbox'),
    mutants: { 'runtime-keeps-busy-sandboxes': 'ok', 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      const { id: container_id, sandboxId: pod_sandbox_id } = await runtime.started();
      expectOk('StopPodSandbox', await runtime.call('StopPodSandbox', { pod_sandbox_id }));
      expectOk('RemovePodSandbox', await runtime.call('RemovePodSandbox', { pod_sandbox_id }));
      expectFailed('ContainerStatus', await runtime.call('ContainerStatus', { container_id }));
    },
  },
  {
    id: 'status-of-an-unknown-container-fails',
    title: 'ContainerStatus of an unknown container is an error',
    source: criApi('ContainerStatus'),
    mutants: { 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      expectFailed('ContainerStatus', await runtime.call('ContainerStatus', { container_id: ABSENT }));
    },
  },
  {
    id: 'status-of-an-unknown-sandbox-fails',
    title: 'PodSandboxStatus of an unknown sandbox is an error',
    source: criApi('PodSandboxStatus'),
    mutants: { 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      expectFailed('PodSandboxStatus', await runtime.call('PodSandboxStatus', { pod_sandbox_id: ABSENT }));
    },
  },
  {
    id: 'absent-image-has-no-status',
    title: 'ImageStatus of an absent image succeeds and returns no image',
    source: criApi('ImageStatus'),
    mutants: { 'runtime-absent-image-is-an-error': 'ok' },
    async check({ runtime }) {
      const outcome = await runtime.call('ImageStatus', { image: { image: 'registry.invalid/ckptest/absent:1' } });
      expectOk('ImageStatus', outcome);
      expectEqual('image', outcome.response.image, null);
    },
  },
]);
