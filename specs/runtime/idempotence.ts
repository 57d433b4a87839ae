// Rules about repeated calls: a restarted kubelet stops and removes sandboxes and containers a second time.

import { criApi } from '../catalogue/sources';
import { expectOk } from '../subject/expect';
import { group } from '../subject/spec';

const TWICE = ['The first', 'The second'];

export const idempotenceSpecs = group('runtime/idempotence', { level: 'contract', needs: ['runtime'] }, [
  {
    id: 'stop-container',
    title: 'Stopping a stopped container is not an error',
    source: criApi('StopContainer'),
    mutants: { 'runtime-second-stop-fails': 'ok' },
    async check({ runtime }) {
      const { id: container_id } = await runtime.started();
      for (const what of TWICE)
        expectOk('StopContainer', await runtime.call('StopContainer', { container_id }), `${what} StopContainer`);
    },
  },
  {
    id: 'remove-container',
    title: 'Removing a removed container is not an error',
    source: criApi('RemoveContainer'),
    mutants: { 'runtime-second-removal-fails': 'ok' },
    async check({ runtime }) {
      const { id: container_id } = await runtime.created();
      for (const what of TWICE)
        expectOk('RemoveContainer', await runtime.call('RemoveContainer', { container_id }), `${what} RemoveContainer`);
    },
  },
  {
    id: 'stop-sandbox',
    title: 'Stopping a stopped sandbox is not an error',
    source: criApi('StopPodSandbox'),
    mutants: { 'runtime-second-stop-fails': 'ok' },
    async check({ runtime }) {
      const { sandboxId: pod_sandbox_id } = await runtime.created();
      for (const what of TWICE)
        expectOk('StopPodSandbox', await runtime.call('StopPodSandbox', { pod_sandbox_id }), `${what} StopPodSandbox`);
    },
  },
  {
    id: 'remove-sandbox',
    title: 'Removing a removed sandbox is not an error',
    source: criApi('RemovePodSandbox'),
    mutants: { 'runtime-second-removal-fails': 'ok' },
    async check({ runtime }) {
      const { sandboxId: pod_sandbox_id } = await runtime.created();
      expectOk('StopPodSandbox', await runtime.call('StopPodSandbox', { pod_sandbox_id }));
      for (const what of TWICE)
        expectOk(
          'RemovePodSandbox',
          await runtime.call('RemovePodSandbox', { pod_sandbox_id }),
          `${what} RemovePodSandbox`,
        );
    },
  },
  {
    id: 'remove-image',
    title: 'Removing an absent image is not an error',
    source: criApi('RemoveImage'),
    mutants: { 'runtime-absent-image-is-an-error': 'ok' },
    async check({ runtime }) {
      const image = { image: 'registry.invalid/ckptest/absent:1' };
      expectOk('RemoveImage', await runtime.call('RemoveImage', { image }), 'Removing an image that does not exist');
    },
  },
]);
