// Rules about authorization: the kubelet asks the API server for permission to create nodes/checkpoint.

import { kubernetes, observed, sentence } from '../catalogue/sources';
import { ABSENT, checkpointAs, checkpointPath, expectCalls } from '../steps/kubelet-request';
import { expectBodyContains, expectRefused, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';
import type { Node, Subject } from '../subject/subject';

const CHECKPOINT = { verbs: ['create'], resources: ['nodes/checkpoint'] };

/**
 * The permissions of the role system:kubelet-api-admin in Kubernetes 1.36 on subresources of nodes. The role does not
 * include nodes/checkpoint.
 */
const KUBELET_API_ADMIN = {
  verbs: ['*'],
  resources: [
    'nodes/proxy',
    'nodes/metrics',
    'nodes/stats',
    'nodes/log',
    'nodes/configz',
    'nodes/healthz',
    'nodes/pods',
  ],
};

const VERBS = { POST: 'create', GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/** Returns a node whose kubelet asks the API server to authenticate and authorize users. */
const asking = ({ node }: Subject): Promise<Node> => node({ access: 'webhook' });

const NEVER_PERMITTED = { 'kubelet-refuses-everybody': 'status', 'kubelet-asks-permission-to-get': 'status' };
const PERMITTED = {
  ...NEVER_PERMITTED,
  'kubelet-asks-permission-to-proxy': 'status',
  'kubelet-success-is-201': 'status',
};
const NOT_REFUSED = { 'kubelet-authorization-skipped': 'status', 'kubelet-forbidden-is-404': 'status' };

export const authorizationSpecs = group(
  'kubelet/authorization',
  { level: 'documented', needs: ['kubelet', 'api-server'] },
  [
    {
      id: 'permitted-is-served',
      title: 'A user with permission to create nodes/checkpoint can checkpoint a container',
      source: sentence('D10'),
      needs: ['checkpoint'],
      mutants: PERMITTED,
      async check(subject) {
        const usual = await asking(subject);
        const user = usual.apiServer().newUser({ permissions: [CHECKPOINT] });
        expectStatus(
          await checkpointAs(usual, user.token),
          200,
          'A checkpoint request of a user who may create nodes/checkpoint',
        );
      },
    },
    {
      id: 'not-permitted-is-403',
      title: 'A request from a known user without permission to create nodes/checkpoint gets 403',
      source: sentence('D10'),
      mutants: NOT_REFUSED,
      async check(subject) {
        const usual = await asking(subject);
        expectStatus(
          await checkpointAs(usual, usual.apiServer().newUser().token),
          403,
          'A checkpoint request of a user without permission',
        );
      },
    },
    {
      id: 'certificate-is-served',
      title:
        "A request with a client certificate succeeds if the certificate's user has permission to create nodes/checkpoint",
      source: sentence('D10'),
      needs: ['checkpoint', 'client-certificates'],
      mutants: { ...PERMITTED, 'kubelet-certificates-ignored': 'status' },
      async check(subject) {
        const usual = await asking(subject);
        const user = usual.apiServer().newUser({ permissions: [CHECKPOINT] });
        expectStatus(
          await checkpointAs(usual, await user.certificate()),
          200,
          'A checkpoint request with the certificate of a user who may create nodes/checkpoint',
        );
      },
    },
    {
      id: 'certificate-not-permitted-is-403',
      title: "A request with a valid client certificate gets 403 if the certificate's user has no permission",
      source: sentence('D10'),
      needs: ['client-certificates'],
      mutants: { ...NOT_REFUSED, 'kubelet-certificates-ignored': 'status' },
      async check(subject) {
        const usual = await asking(subject);
        expectStatus(
          await checkpointAs(usual, await usual.apiServer().newUser().certificate()),
          403,
          'A checkpoint request with the certificate of a user without permission',
        );
      },
    },
    {
      id: 'forbidden-body',
      title: 'The body of a 403 names the user, the verb and the subresource of nodes',
      level: 'observed',
      source: observed('token-denied'),
      mutants: {
        'kubelet-authorization-skipped': 'message',
        'kubelet-asks-permission-to-get': 'message',
        'kubelet-asks-permission-to-proxy': 'message',
        'kubelet-403-tells-nothing': 'message',
        'kubelet-refuses-everybody': 'message',
      },
      async check(subject) {
        const usual = await asking(subject);
        const user = usual.apiServer().newUser();
        const answer = await checkpointAs(usual, user.token);
        const body = `Forbidden (user=${user.name}, verb=create, resource=nodes, subresource(s)=[checkpoint])\n`;
        expectBodyContains(answer, body, 'A checkpoint request of a user without permission');
      },
    },
    {
      id: 'verb-follows-method',
      title: 'The verb follows the method: POST is create, GET is get, PUT is update, PATCH is patch, DELETE is delete',
      level: 'observed',
      source: observed('token-denied-get'),
      mutants: {
        'kubelet-asks-permission-to-get': 'verb',
        'kubelet-asks-permission-to-proxy': 'verb',
        'kubelet-authorization-skipped': 'verb',
        'kubelet-method-before-authorization': 'verb',
        'kubelet-get-checkpoints': 'verb',
        'kubelet-refuses-everybody': 'verb',
      },
      async check(subject) {
        const usual = await asking(subject);
        const server = usual.apiServer();
        for (const [method, verb] of Object.entries(VERBS)) {
          const { name, token: credentials } = server.newUser();
          const reviews = await server.reviewsDuring(() =>
            usual.request({ method, target: checkpointPath(usual.running), credentials }),
          );
          const sent = JSON.stringify(reviews.filter(({ kind }) => kind === 'SubjectAccessReview'));
          const fits = sent.includes(`"verb":"${verb}"`) && sent.includes('"checkpoint"') && sent.includes(name);
          const actual = `For ${method} the kubelet did not request a review of the verb ${verb} on nodes/checkpoint; it sent ${sent}`;
          expectThat('verb', fits, `an access review with the verb ${verb}`, actual);
        }
      },
    },
    {
      id: 'refused-before-lookup',
      title:
        'A request without permission for an unknown pod gets 403, not 404, so that it does not reveal which pods exist',
      level: 'hardening',
      source: observed('token-denied'),
      mutants: { ...NOT_REFUSED, 'kubelet-lookup-before-authorization': 'status' },
      async check(subject) {
        const usual = await asking(subject);
        const credentials = usual.apiServer().newUser().token;
        for (const name of [
          { ...usual.running, pod: ABSENT },
          { ...usual.running, container: ABSENT },
        ]) {
          expectStatus(
            await usual.request({ method: 'POST', target: checkpointPath(name), credentials }),
            403,
            'A request of a user without permission for a name that does not exist',
          );
        }
      },
    },
    {
      id: 'refused-before-method',
      title: 'A request without permission and with a wrong method gets 403, not 405',
      level: 'observed',
      source: observed('token-denied-get'),
      mutants: {
        'kubelet-authorization-skipped': 'status',
        'kubelet-forbidden-is-404': 'status',
        'kubelet-method-before-authorization': 'status',
        'kubelet-get-checkpoints': 'body',
        'kubelet-refuses-everybody': 'body',
        'kubelet-403-tells-nothing': 'body',
      },
      async check(subject) {
        const usual = await asking(subject);
        const credentials = usual.apiServer().newUser().token;
        const answer = await usual.request({ method: 'GET', target: checkpointPath(usual.running), credentials });
        expectStatus(answer, 403, 'A GET request of a user without permission');
        const actual = `The body of the 403 for a GET request does not name the verb get: ${show(answer.body)}`;
        expectThat('body', answer.body.includes('verb=get'), 'a body with verb=get', actual);
      },
    },
    {
      id: 'proxy-is-not-enough',
      title: 'Permission for nodes/proxy does not allow a checkpoint',
      level: 'observed',
      source: observed('authorization attributes'),
      mutants: { ...NOT_REFUSED, 'kubelet-asks-permission-to-proxy': 'status' },
      async check(subject) {
        const usual = await asking(subject);
        const user = usual.apiServer().newUser({ permissions: [{ verbs: ['*'], resources: ['nodes/proxy'] }] });
        expectStatus(
          await checkpointAs(usual, user.token),
          403,
          'A checkpoint request of a user who may only use nodes/proxy',
        );
      },
    },
    {
      id: 'kubelet-api-admin-is-not-enough',
      title: 'The role system:kubelet-api-admin does not allow a checkpoint: it lacks nodes/checkpoint',
      level: 'observed',
      source: kubernetes('issues', 126232),
      mutants: { ...NOT_REFUSED, 'kubelet-asks-permission-to-proxy': 'status' },
      async check(subject) {
        const usual = await asking(subject);
        const user = usual.apiServer().newUser({ permissions: [KUBELET_API_ADMIN] });
        expectStatus(
          await checkpointAs(usual, user.token),
          403,
          'A checkpoint request of a user who has only the role system:kubelet-api-admin',
        );
      },
    },
    {
      id: 'another-verb-is-not-enough',
      title: 'Permission to get, update, patch or delete nodes/checkpoint does not allow a checkpoint',
      source: sentence('D10'),
      mutants: { ...NOT_REFUSED, 'kubelet-asks-permission-to-get': 'status' },
      async check(subject) {
        const usual = await asking(subject);
        const user = usual
          .apiServer()
          .newUser({ permissions: [{ ...CHECKPOINT, verbs: ['get', 'update', 'patch', 'delete'] }] });
        expectStatus(
          await checkpointAs(usual, user.token),
          403,
          'A checkpoint request of a user who may get, update, patch and delete nodes/checkpoint, but not create it,',
        );
      },
    },
    {
      id: 'asks-nothing-of-the-runtime',
      title: 'A request without permission never reaches the runtime',
      source: sentence('D11'),
      needs: ['call-log'],
      mutants: { 'kubelet-authorization-skipped': 'calls', 'kubelet-asks-before-authorization': 'calls' },
      async check(subject) {
        const usual = await asking(subject);
        const user = usual.apiServer().newUser();
        const calls = await usual.checkpointsDuring(() => checkpointAs(usual, user.token));
        expectCalls(calls, 0, 'A checkpoint request of a user without permission');
      },
    },
    {
      id: 'anonymous-is-403',
      title: 'If anonymous requests are allowed but have no permission, a request without credentials gets 403',
      level: 'observed',
      source: observed('anonymous-denied'),
      needs: ['kubelet-configuration'],
      mutants: { ...NOT_REFUSED, 'kubelet-anonymous-never-allowed': 'status', 'kubelet-403-tells-nothing': 'message' },
      async check({ node }) {
        const usual = await node({ access: 'webhook', anonymous: true });
        const answer = await checkpointAs(usual, 'none');
        expectStatus(answer, 403, 'An anonymous checkpoint request without permission');
        expectBodyContains(answer, 'system:anonymous', 'An anonymous checkpoint request without permission');
      },
    },
    {
      id: 'unanswered-serves-nobody',
      title: 'While access reviews fail, no request succeeds',
      level: 'hardening',
      source: observed('api-down'),
      mutants: { 'kubelet-unanswered-is-permission': 'refused' },
      async check(subject) {
        const usual = await asking(subject);
        const server = usual.apiServer();
        const { token } = server.newUser({ permissions: [CHECKPOINT] });
        expectRefused(
          await server.whileFailing('SubjectAccessReview', () => checkpointAs(usual, token)),
          'A checkpoint request during a failure of the API server',
        );
      },
    },
  ],
);
