// Rules about the feature gate ContainerCheckpoint, which is alpha in 1.25. If it is off, requests get 404.

import { kubernetes, observed, sentence } from '../catalogue/sources';
import { checkpointPath } from '../steps/kubelet-request';
import { expectEqual, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

export const gateSpecs = group('kubelet/gate', { level: 'documented', needs: ['kubelet-configuration'] }, [
  {
    id: 'disabled-is-404',
    title: 'With the feature gate off, a checkpoint request gets 404',
    source: sentence('D25'),
    mutants: {
      'kubelet-gate-ignored': 'status',
      'kubelet-gate-off-is-403': 'status',
      'kubelet-gate-off-is-401': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ featureGate: false });
      expectStatus(await checkpoint(running), 404, 'With the feature gate off, a checkpoint request');
    },
  },
  {
    id: 'enabled-is-served',
    title: 'With the feature gate on, the endpoint works, even in a version where the feature is alpha',
    source: sentence('D1'),
    needs: ['kubelet-version', 'checkpoint'],
    mutants: {
      'kubelet-alpha-gate-stuck-off': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ featureGate: true, kubernetesVersion: '1.25' });
      expectStatus(await checkpoint(running), 200, 'With the feature gate on, a checkpoint request to a kubelet 1.25');
    },
  },
  {
    id: 'alpha-is-off-by-default',
    title: 'In 1.25 the feature is alpha: the endpoint is off by default',
    source: sentence('D1'),
    needs: ['kubelet-version'],
    mutants: {
      'kubelet-alpha-gate-on': 'status',
      'kubelet-gate-ignored': 'status',
      'kubelet-gate-off-is-403': 'status',
      'kubelet-gate-off-is-401': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ kubernetesVersion: '1.25' });
      expectStatus(
        await checkpoint(running),
        404,
        'A checkpoint request to a kubelet 1.25 with the default feature gates',
      );
    },
  },
  {
    id: 'debugging-handlers-off-is-404',
    title: 'With enableDebuggingHandlers off, a checkpoint request gets 404',
    level: 'observed',
    source: observed('debugging-handlers-off'),
    mutants: {
      'kubelet-debugging-handlers-ignored': 'status',
      'kubelet-gate-off-is-403': 'status',
      'kubelet-gate-off-is-401': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ debuggingHandlers: false });
      expectStatus(await checkpoint(running), 404, 'With enableDebuggingHandlers off, a checkpoint request');
    },
  },
  {
    id: 'disabled-hides-the-path',
    title: 'With the feature gate off, every request for the path gets 404, whatever its method and credentials',
    level: 'observed',
    source: observed('gate-off-no-credentials'),
    mutants: {
      'kubelet-gate-off-is-401': 'status',
      'kubelet-gate-ignored': 'status',
      'kubelet-gate-off-is-403': 'status',
    },
    async check({ node }) {
      const { request, running } = await node({ featureGate: false });
      for (const [method, credentials] of [
        ['POST', 'none'],
        ['GET', 'allowed'],
      ] as const) {
        const answer = await request({ method, target: checkpointPath(running), credentials });
        expectStatus(
          answer,
          404,
          `With the feature gate off, a ${method} request ${credentials === 'none' ? 'without credentials' : 'with credentials'}`,
        );
        expectEqual('body', answer.body, '404 page not found\n', 'With the feature gate off, the body of the 404');
      }
    },
  },
  {
    id: 'last-alpha-is-off-by-default',
    title: 'In 1.29 the feature is still alpha: the endpoint is off by default',
    level: 'observed',
    source: kubernetes('pull', 123215),
    needs: ['kubelet-version'],
    mutants: {
      'kubelet-gate-off-is-401': 'status',
      'kubelet-gate-ignored': 'status',
      'kubelet-gate-off-is-403': 'status',
      'kubelet-alpha-gate-on': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node({ kubernetesVersion: '1.29' });
      expectStatus(
        await checkpoint(running),
        404,
        'A checkpoint request to a kubelet 1.29 with the default feature gates',
      );
    },
  },
  {
    id: 'beta-is-on-by-default',
    title: 'Since 1.30 the feature is beta: the endpoint is on by default',
    level: 'observed',
    source: kubernetes('pull', 123215),
    needs: ['kubelet-version', 'checkpoint'],
    mutants: { 'kubelet-beta-gate-off': 'status', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      for (const kubernetesVersion of ['1.30', '1.36']) {
        const { checkpoint, running } = await node({ kubernetesVersion });
        expectStatus(
          await checkpoint(running),
          200,
          `A checkpoint request to a kubelet ${kubernetesVersion} with the default feature gates`,
        );
      }
    },
  },
]);
