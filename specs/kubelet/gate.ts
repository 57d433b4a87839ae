// The feature gate ContainerCheckpoint: alpha in 1.25, and 404 wherever it is off.
import { expectStatus } from '../expect';
import { observed, sentence } from '../sources';
import { group } from '../spec';

export const gate = group('kubelet/gate', { level: 'documented', needs: ['kubelet-configuration'] }, [
  {
    id: 'disabled-is-404',
    title: 'With the feature gate off the answer is 404',
    source: sentence('D25'),
    mutants: { 'kubelet-gate-ignored': 'status', 'kubelet-gate-off-is-403': 'status' },
    async check({ node }) {
      const { checkpoint, running } = await node({ featureGate: false });
      expectStatus(await checkpoint(running), 404);
    },
  },
  {
    id: 'enabled-is-served',
    title: 'With the feature gate on the endpoint is there, also where it is alpha',
    source: sentence('D1'),
    needs: ['kubelet-version', 'checkpoint'],
    mutants: {
      'kubelet-alpha-gate-stuck-off': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ featureGate: true, kubernetesVersion: '1.25' });
      expectStatus(await checkpoint(running), 200);
    },
  },
  {
    id: 'alpha-is-off-by-default',
    title: 'In 1.25 the gate is alpha, so off unless asked for',
    source: sentence('D1'),
    needs: ['kubelet-version'],
    mutants: {
      'kubelet-alpha-gate-on': 'status',
      'kubelet-gate-ignored': 'status',
      'kubelet-gate-off-is-403': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ kubernetesVersion: '1.25' });
      expectStatus(await checkpoint(running), 404);
    },
  },
  {
    id: 'debugging-handlers-off-is-404',
    title: 'With enableDebuggingHandlers off the endpoint is not there',
    level: 'observed',
    source: observed('debugging-handlers-off'),
    mutants: { 'kubelet-debugging-handlers-ignored': 'status', 'kubelet-gate-off-is-403': 'status' },
    async check({ node }) {
      const { checkpoint, running } = await node({ debuggingHandlers: false });
      expectStatus(await checkpoint(running), 404);
    },
  },
]);
