// Rules about the lifecycle of sandboxes and containers, as far as checkpoints depend on it.

import { criApi, finding } from '../catalogue/sources';
import { untilExited } from '../steps/checkpoint';
import { expectEqual, expectFailed, expectOk, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';

const ABSENT = 'e'.repeat(64);
/** A command that ignores SIGTERM. */
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
      const named = `Version returned the name ${show(runtime_name)} and the version ${show(runtime_version)}`;
      expectThat('name', runtime_name !== '' && runtime_version !== '', 'a name and a version', named);
      expectEqual('version', runtime_api_version, 'v1', 'The API version that Version returned');
    },
  },
  {
    id: 'status-has-both-conditions',
    title: 'Status contains the conditions RuntimeReady and NetworkReady',
    source: criApi('RuntimeCondition'),
    mutants: { 'runtime-without-network-condition': 'conditions' },
    async check({ runtime }) {
      const outcome = await runtime.call('Status', {});
      expectOk('Status', outcome);
      const types = outcome.response.status?.conditions.map(({ type }) => type) ?? [];
      const both = types.includes('RuntimeReady') && types.includes('NetworkReady');
      const actual = `Status returned only these conditions: ${types.join(', ') || 'none'}`;
      expectThat('conditions', both, 'the conditions RuntimeReady and NetworkReady', actual);
    },
  },
  {
    id: 'created-started-stopped',
    title: 'A container goes from created to running to exited, and its status has the time of each step',
    source: criApi('ContainerStatus.created_at'),
    mutants: { 'runtime-created-looks-running': 'state', 'runtime-times-are-missing': 'times' },
    async check({ runtime }) {
      const { id: container_id, state } = await runtime.created();
      expectEqual('state', await state(), 'CONTAINER_CREATED', 'The state of a container that was not started');
      expectOk('StartContainer', await runtime.call('StartContainer', { container_id }));
      expectEqual('state', await state(), 'CONTAINER_RUNNING', 'The state of a container after StartContainer');
      expectOk('StopContainer', await runtime.call('StopContainer', { container_id }));
      expectEqual('state', await state(), 'CONTAINER_EXITED', 'The state of a container after StopContainer');
      const outcome = await runtime.call('ContainerStatus', { container_id });
      expectOk('ContainerStatus', outcome);
      const { created_at = '0', started_at = '0', finished_at = '0' } = outcome.response.status ?? {};
      const [created, started, finished] = [created_at, started_at, finished_at].map(BigInt);
      const ordered = created && started && finished && created <= started && started <= finished;
      const actual = `The status of the exited container has created_at ${created_at}, started_at ${started_at} and finished_at ${finished_at}`;
      expectThat('times', !!ordered, 'three times in this order', actual, ['ContainerStatus ']);
    },
  },
  {
    id: 'log-is-where-it-was-asked',
    title: 'The log of a container is at the path in the request',
    source: criApi('ContainerConfig.log_path'),
    mutants: { 'runtime-logs-elsewhere': 'log-path' },
    async check({ runtime }) {
      const { id: container_id, logPath } = await runtime.created();
      const outcome = await runtime.call('ContainerStatus', { container_id });
      expectOk('ContainerStatus', outcome);
      expectEqual('log-path', outcome.response.status?.log_path, logPath, 'The path of the log in the status');
    },
  },
  {
    id: 'exit-code-is-kept',
    title: 'The status of an exited container contains its exit code',
    source: criApi('ContainerStatus.exit_code'),
    mutants: { 'runtime-loses-exit-codes': 'exit-code' },
    async check({ runtime, until }) {
      const container = await runtime.started({ command: ['/bin/sh', '-c', 'exit 7'] });
      const container_id = container.id;
      await untilExited({ until }, container);
      const outcome = await runtime.call('ContainerStatus', { container_id });
      expectOk('ContainerStatus', outcome);
      expectEqual(
        'exit-code',
        outcome.response.status?.exit_code,
        7,
        'The exit code of a container that ended with "exit 7"',
      );
    },
  },
  {
    id: 'stop-kills-after-the-grace-period',
    title: 'A container that ignores SIGTERM is killed when its grace period is over',
    source: criApi('StopContainer'),
    mutants: { 'runtime-stop-only-asks': 'state' },
    async check({ runtime }) {
      const { id: container_id, state } = await runtime.started({ command: STUBBORN });
      const outcome = await runtime.call('StopContainer', { container_id, timeout: 1 });
      expectOk('StopContainer', outcome, 'Stopping a container that ignores SIGTERM');
      expectEqual(
        'state',
        await state(),
        'CONTAINER_EXITED',
        'After StopContainer the state of a container that ignores SIGTERM',
      );
    },
  },
  {
    id: 'running-container-is-removed-by-force',
    title: 'RemoveContainer stops and removes a running container',
    source: criApi('RemoveContainer'),
    mutants: { 'runtime-keeps-running-containers': 'ok', 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      const { id: container_id } = await runtime.started();
      const removed = await runtime.call('RemoveContainer', { container_id });
      expectOk('RemoveContainer', removed, 'Removing a running container');
      const status = await runtime.call('ContainerStatus', { container_id });
      expectFailed('ContainerStatus', status, 'ContainerStatus of a removed container');
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
      const removed = await runtime.call('RemovePodSandbox', { pod_sandbox_id });
      expectOk('RemovePodSandbox', removed, 'Removing a sandbox with a container');
      const status = await runtime.call('ContainerStatus', { container_id });
      expectFailed('ContainerStatus', status, 'ContainerStatus of a container whose sandbox was removed');
    },
  },
  {
    id: 'stopped-sandbox-takes-no-container',
    title: 'CreateContainer in a stopped sandbox is an error',
    strength: 'should',
    source: finding('create-in-stopped-sandbox'),
    mutants: { 'runtime-creates-in-stopped-sandboxes': 'code' },
    async check({ runtime }) {
      const container = await runtime.started();
      const pod_sandbox_id = container.sandboxId;
      expectOk('StopPodSandbox', await runtime.call('StopPodSandbox', { pod_sandbox_id }));
      expectFailed(
        'CreateContainer',
        (await runtime.tried({ beside: container })).outcome,
        'The creation of a container in a stopped sandbox',
      );
    },
  },
  {
    id: 'status-of-an-unknown-container-fails',
    title: 'ContainerStatus of an unknown container is an error',
    source: criApi('ContainerStatus'),
    mutants: { 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      const outcome = await runtime.call('ContainerStatus', { container_id: ABSENT });
      expectFailed('ContainerStatus', outcome, 'ContainerStatus of a container that does not exist');
    },
  },
  {
    id: 'status-of-an-unknown-sandbox-fails',
    title: 'PodSandboxStatus of an unknown sandbox is an error',
    source: criApi('PodSandboxStatus'),
    mutants: { 'runtime-status-of-unknown-is-empty': 'code' },
    async check({ runtime }) {
      const outcome = await runtime.call('PodSandboxStatus', { pod_sandbox_id: ABSENT });
      expectFailed('PodSandboxStatus', outcome, 'PodSandboxStatus of a sandbox that does not exist');
    },
  },
  {
    id: 'absent-image-has-no-status',
    title: 'ImageStatus of an absent image succeeds and returns no image',
    source: criApi('ImageStatus'),
    mutants: { 'runtime-absent-image-is-an-error': 'ok' },
    async check({ runtime }) {
      const outcome = await runtime.call('ImageStatus', { image: { image: 'registry.invalid/ckptest/absent:1' } });
      expectOk('ImageStatus', outcome, 'ImageStatus of an image that does not exist');
      expectEqual(
        'image',
        outcome.response.image,
        null,
        'The image in the response about an image that does not exist',
      );
    },
  },
]);
