// Rules about the kubelet's calls to the runtime: one checkpoint of the right container for each accepted request, and
// no other calls.

import { observed, sentence } from '../catalogue/sources';
import { expectCalls } from '../steps/kubelet-request';
import { expectEqual } from '../subject/expect';
import { group } from '../subject/spec';

const ABSENT = 'ckptest-absent';

export const criCallSpecs = group('kubelet/cri-calls', { level: 'documented', needs: ['kubelet', 'call-log'] }, [
  {
    id: 'one-checkpoint-per-request',
    title: 'An accepted request makes exactly one CheckpointContainer call',
    source: sentence('D11'),
    mutants: {
      'kubelet-asks-runtime-twice': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running } = await node();
      const calls = await checkpointsDuring(() => checkpoint(running));
      expectCalls(calls, 1, 'One checkpoint request');
    },
  },
  {
    id: 'right-container',
    title: 'The CheckpointContainer call contains the id of the requested container',
    source: sentence('D11'),
    mutants: {
      'kubelet-wrong-container': 'container',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, containerId, running, other } = await node();
      for (const name of [running, other]) {
        const calls = await checkpointsDuring(() => checkpoint(name));
        expectEqual(
          'container',
          calls[0]?.request.container_id,
          await containerId(name),
          `The container id in the CheckpointContainer call for ${name.pod}/${name.container}`,
        );
      }
    },
  },
  {
    id: 'none-for-a-refused-request',
    title: 'A request that the kubelet refuses never reaches the runtime',
    source: sentence('D11'),
    mutants: {
      'kubelet-asks-before-lookup': 'calls',
      'kubelet-authentication-skipped': 'calls',
      'kubelet-get-checkpoints': 'calls',
      'kubelet-timeout-garbage-accepted': 'calls',
      'kubelet-namespace-not-compared': 'calls',
    },
    async check({ node }) {
      const { request, checkpoint, checkpointsDuring, running, other } = await node();
      const target = `/checkpoint/${running.namespace}/${running.pod}/${running.container}`;
      const calls = await checkpointsDuring(async () => {
        await checkpoint({ ...running, namespace: ABSENT });
        await checkpoint({ ...running, pod: ABSENT });
        await checkpoint({ ...running, container: ABSENT });
        await checkpoint({ ...running, container: other.container });
        await checkpoint(running, 'timeout=abc');
        await request({ method: 'GET', target });
        await request({ method: 'POST', target, credentials: 'none' });
      });
      expectCalls(calls, 0, 'Requests that the kubelet must refuse');
    },
  },
  {
    id: 'none-for-what-does-not-run',
    title: 'A checkpoint of a container that is not running is refused without a CheckpointContainer call',
    level: 'observed',
    source: observed('container-never-created'),
    mutants: { 'kubelet-asks-for-what-does-not-run': 'calls' },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, exited, exitedInit, neverCreated } = await node();
      const calls = await checkpointsDuring(async () => {
        for (const name of [exited, exitedInit, neverCreated]) await checkpoint(name);
      });
      expectCalls(calls, 0, 'Requests for containers that are not running');
    },
  },
]);
