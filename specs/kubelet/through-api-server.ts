// Rules about the API server's node proxy, /api/v1/nodes/{node}/proxy/checkpoint/...: API server and kubelet both check
// permissions.

import { kubernetes, observed, sentence } from '../catalogue/sources';
import { archivePath } from '../steps/kubelet-answer';
import { ABSENT, checkpointPath } from '../steps/kubelet-request';
import { expectBodyContains, expectEqual, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

const PROXY = { verbs: ['*'], resources: ['nodes/proxy'] };

export const throughApiServerSpecs = group(
  'kubelet/through-api-server',
  { level: 'observed', needs: ['kubelet', 'api-server'] },
  [
    {
      id: 'checkpoints',
      title: "A checkpoint through the API server's node proxy succeeds and returns the path of the archive",
      source: sentence('D17'),
      needs: ['checkpoint'],
      mutants: {
        'kubelet-refuses-api-servers': 'status',
        'kubelet-empty-items': 'items',
        'kubelet-success-is-201': 'status',
        'kubelet-review-without-groups': 'status',
      },
      async check({ node }) {
        const usual = await node({ access: 'webhook' });
        const server = usual.apiServer();
        const answer = await server.proxied({ method: 'POST', target: checkpointPath(usual.running) });
        expectStatus(answer, 200, 'A checkpoint request through the API server');
        archivePath(answer);
      },
    },
    {
      id: 'timeout-comes-through',
      title: 'The timeout of a request through the API server reaches the runtime',
      source: sentence('D20'),
      needs: ['call-log'],
      mutants: {
        'kubelet-refuses-api-servers': 'field',
        'kubelet-timeout-refused': 'field',
        'kubelet-timeout-ignored': 'field',
        'kubelet-no-default-timeout': 'field',
        'kubelet-timeout-in-milliseconds': 'field',
        'kubelet-timeout-field-empty': 'field',
        'kubelet-review-without-groups': 'field',
      },
      async check({ node }) {
        const usual = await node({ access: 'webhook' });
        const server = usual.apiServer();
        const target = `${checkpointPath(usual.running)}?timeout=300`;
        const calls = await usual.checkpointsDuring(() => server.proxied({ method: 'POST', target }));
        expectEqual(
          'field',
          calls[0]?.request.timeout,
          '300',
          'The timeout field of the CheckpointContainer call for a request with timeout=300 through the API server',
        );
      },
    },
    {
      id: 'errors-come-through',
      title: "The kubelet's 404 and 405 responses reach the client through the API server, with their messages",
      source: observed('no-pod'),
      mutants: {
        'kubelet-get-checkpoints': 'status',
        'kubelet-404-says-nothing': 'message',
        'kubelet-refuses-api-servers': 'status',
        'kubelet-unknown-pod-is-500': 'status',
        'kubelet-unknown-name-is-400': 'status',
        'kubelet-review-without-groups': 'status',
      },
      async check({ node }) {
        const usual = await node({ access: 'webhook' });
        const { proxied } = usual.apiServer();
        const unknown = await proxied({ method: 'POST', target: checkpointPath({ ...usual.running, pod: ABSENT }) });
        expectStatus(unknown, 404, 'A request for an unknown pod through the API server');
        expectBodyContains(unknown, 'pod does not exist', 'A request for an unknown pod through the API server');
        expectStatus(
          await proxied({ method: 'GET', target: checkpointPath(usual.running) }),
          405,
          'A GET request through the API server',
        );
      },
    },
    {
      id: 'kubelet-may-still-refuse',
      title:
        'A request through an API server that has only the role system:kubelet-api-admin gets 403 from the kubelet',
      source: kubernetes('issues', 126232),
      mutants: {
        'kubelet-certificates-ignored': 'status',
        'kubelet-refuses-everybody': 'message',
        'kubelet-authorization-skipped': 'status',
        'kubelet-forbidden-is-404': 'status',
        'kubelet-asks-permission-to-proxy': 'status',
        'kubelet-403-tells-nothing': 'message',
      },
      async check({ node }) {
        const usual = await node({ access: 'webhook' });
        const { newUser, proxied } = usual.apiServer();
        const credentials = newUser({ permissions: [PROXY] }).token;
        const target = checkpointPath(usual.running);
        const answer = await proxied({ method: 'POST', target, credentials }, 'kubelet-api-admin');
        expectStatus(answer, 403, 'A request through an API server that has only the role system:kubelet-api-admin');
        expectBodyContains(
          answer,
          'checkpoint',
          'A request through an API server that has only the role system:kubelet-api-admin',
        );
      },
    },
    {
      id: 'asks-in-the-name-of-the-api-server',
      title:
        'The kubelet checks the permission of the API server, not of the user whose request the API server forwards',
      source: observed('authorization attributes'),
      needs: ['checkpoint'],
      mutants: {
        'kubelet-refuses-api-servers': 'status',
        'kubelet-success-is-201': 'status',
        'kubelet-review-without-groups': 'status',
      },
      async check({ node }) {
        const usual = await node({ access: 'webhook' });
        const { newUser, proxied } = usual.apiServer();
        // This user has permission for the proxy, but not for nodes/checkpoint.
        const credentials = newUser({ permissions: [PROXY] }).token;
        expectStatus(
          await proxied({ method: 'POST', target: checkpointPath(usual.running), credentials }),
          200,
          'A request of a user who may only use the proxy, through an API server that may checkpoint,',
        );
      },
    },
  ],
);
