// Rules about the read-only port, which has neither TLS nor credentials: it must not checkpoint (CVE-2025-0426).

import { kubernetes, observed } from '../catalogue/sources';
import { checkpointPath, expectCalls } from '../steps/kubelet-request';
import { expectEqual, expectRefused, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

export const readOnlyPortSpecs = group(
  'kubelet/read-only-port',
  { level: 'hardening', needs: ['kubelet', 'read-only-port'] },
  [
    {
      id: 'does-not-checkpoint',
      title: 'The read-only port, which needs no credentials, does not checkpoint (CVE-2025-0426)',
      source: kubernetes('issues', 130016),
      needs: ['call-log'],
      mutants: { 'kubelet-checkpoint-on-read-only-port': 'refused' },
      async check({ node }) {
        const { checkpointsDuring, readOnly, running } = await node({ readOnlyPort: true });
        const calls = await checkpointsDuring(async () => {
          expectRefused(
            await readOnly({ method: 'POST', target: checkpointPath(running) }),
            'A checkpoint request on the read-only port, without credentials,',
          );
        });
        expectCalls(calls, 0, 'A checkpoint request on the read-only port');
      },
    },
    {
      id: 'checkpoint-is-an-unknown-path',
      title: 'A request for the checkpoint path on the read-only port gets 404, whatever its method',
      level: 'observed',
      source: observed('read-only port'),
      mutants: {
        'kubelet-checkpoint-on-read-only-port': 'status',
        'kubelet-gate-off-is-401': 'status',
        'kubelet-gate-off-is-403': 'status',
      },
      async check({ node }) {
        const { readOnly, running } = await node({ readOnlyPort: true });
        for (const method of ['POST', 'GET']) {
          const answer = await readOnly({ method, target: checkpointPath(running) });
          expectStatus(answer, 404, `A ${method} request for the checkpoint path on the read-only port`);
          expectEqual('body', answer.body, '404 page not found\n', 'On the read-only port, the body of the 404');
        }
      },
    },
    {
      id: 'still-serves-the-endpoint',
      title: 'With a read-only port open, the main port still serves checkpoints and still requires credentials',
      source: kubernetes('issues', 130016),
      needs: ['checkpoint'],
      mutants: {
        'kubelet-success-is-201': 'status',
        'kubelet-authentication-skipped': 'status',
        'kubelet-unauthenticated-is-403': 'status',
      },
      async check({ node }) {
        const { checkpoint, request, running } = await node({ readOnlyPort: true });
        expectStatus(
          await checkpoint(running),
          200,
          'With a read-only port open, a checkpoint request on the main port',
        );
        const target = checkpointPath(running);
        expectStatus(
          await request({ method: 'POST', target, credentials: 'none' }),
          401,
          'With a read-only port open, a request without credentials on the main port',
        );
      },
    },
  ],
);
