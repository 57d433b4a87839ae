// Rules about a kubelet whose runtime is unreachable, becomes reachable again, or stops during a checkpoint.

import { observed, sentence } from '../catalogue/sources';
import { expectBodyContains, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';

export const runtimeRestartSpecs = group(
  'kubelet/runtime-comes-and-goes',
  { level: 'observed', needs: ['kubelet', 'severable-runtime'] },
  [
    {
      id: 'away-is-500',
      title: 'While the runtime cannot be reached, a request gets 500 with the code Unavailable',
      source: observed('cri-down'),
      mutants: {
        'kubelet-code-dropped': 'message',
        'kubelet-runtime-away-is-503': 'status',
        'kubelet-runtime-error-is-502': 'status',
        'kubelet-runtime-message-dropped': 'message',
      },
      async check({ node }) {
        const { checkpoint, cutRuntime, running } = await node({ severable: true });
        const restore = await cutRuntime();
        try {
          const answer = await checkpoint(running);
          const what = 'A checkpoint request while the runtime cannot be reached';
          expectStatus(answer, 500, what);
          expectBodyContains(answer, 'rpc error: code = Unavailable desc = ', what);
        } finally {
          await restore();
        }
      },
    },
    {
      id: 'unknown-names-need-no-runtime',
      title: 'While the runtime cannot be reached, an unknown pod still gets 404',
      level: 'documented',
      source: sentence('D26'),
      mutants: {
        'kubelet-lookup-needs-the-runtime': 'status',
        'kubelet-unknown-pod-is-500': 'status',
        'kubelet-unknown-name-is-400': 'status',
      },
      async check({ node }) {
        const { checkpoint, cutRuntime, running } = await node({ severable: true });
        const restore = await cutRuntime();
        try {
          const answer = await checkpoint({ ...running, pod: 'ckptest-absent' });
          expectStatus(answer, 404, 'A request for an unknown pod while the runtime cannot be reached');
        } finally {
          await restore();
        }
      },
    },
    {
      id: 'back-is-served',
      title: 'When the runtime can be reached again, checkpoints succeed without a restart of the kubelet',
      level: 'hardening',
      source: observed('cri-down'),
      needs: ['checkpoint'],
      mutants: { 'kubelet-never-reconnects': 'served', 'kubelet-success-is-201': 'served' },
      async check({ node, until }) {
        const { checkpoint, cutRuntime, running } = await node({ severable: true });
        const restore = await cutRuntime();
        await checkpoint(running).finally(restore);
        const served = async () => (await checkpoint(running)).status;
        await until('served', served, (status) => status === 200, {
          expected: 'HTTP 200',
          actual: (status, seconds) =>
            `${seconds} s after the runtime could be reached again a checkpoint request still gets HTTP ${status}`,
        });
      },
    },
    {
      id: 'gone-in-the-middle-is-500',
      title: 'If the connection to the runtime is lost during a checkpoint, the request gets 500 at once',
      level: 'hardening',
      source: sentence('D27'),
      needs: ['checkpoint', 'runtime-faults', 'call-log'],
      mutants: {
        'kubelet-runtime-away-is-503': 'status',
        'kubelet-lost-answer-is-success': 'status',
        'kubelet-never-reconnects': 'ready',
        'kubelet-success-is-201': 'ready',
        'kubelet-runtime-error-is-502': 'status',
      },
      async check({ node, until }) {
        const { checkpoint, checkpointsDuring, cutRuntime, running, whileRuntime } = await node({ severable: true });
        await until(
          'ready',
          async () => (await checkpoint(running)).status,
          (status) => status === 200,
          {
            expected: 'HTTP 200',
            actual: (status, seconds) => `For ${seconds} s every checkpoint request has got HTTP ${status}`,
          },
        );
        let restore = async () => {};
        try {
          await checkpointsDuring((callsSoFar) =>
            whileRuntime({ delaySeconds: 60 }, async () => {
              const answer = checkpoint(running);
              await until(
                'arrives',
                async () => callsSoFar().length,
                (count) => count === 1,
                {
                  expected: 'one CheckpointContainer call in the runtime',
                  actual: (count, seconds) =>
                    `${seconds} s after the request was sent the runtime has received ${count} CheckpointContainer calls`,
                },
              );
              restore = await cutRuntime();
              const { status, body, milliseconds } = await answer;
              const actual = `A checkpoint whose connection to the runtime was lost got HTTP ${status} with the body ${show(body)}`;
              expectThat('status', status === 500, 'HTTP 500', actual);
              const late = `A checkpoint whose connection to the runtime was lost got its response only after ${Math.round(milliseconds / 1000)} s`;
              expectThat('at-once', milliseconds < 30_000, 'a response within 30 s', late);
            }),
          );
        } finally {
          await restore();
        }
      },
    },
  ],
);
