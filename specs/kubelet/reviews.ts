// Rules about reviews: what the kubelet asks the API server, how it handles failed reviews, and what it caches.

import { observed } from '../catalogue/sources';
import { checkpointAs } from '../steps/kubelet-request';
import { expectBodyContains, expectEqual, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';
import type { Node, Subject } from '../subject/subject';

const CHECKPOINT = { verbs: ['create'], resources: ['nodes/checkpoint'] };

/** Matches the credential id of a certificate, its SHA-256. */
const CREDENTIAL_ID = /^X509SHA256=[0-9a-f]{64}$/;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const inner = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce((callsSoFar, name) => (isFields(callsSoFar) ? callsSoFar[name] : undefined), value);

const asking = ({ node }: Subject): Promise<Node> => node({ access: 'webhook' });

/** Runs an action and returns the spec of the SubjectAccessReview for a user. */
async function accessReview(node: Node, name: string, action: () => Promise<unknown>): Promise<unknown> {
  const seen = await node.apiServer().reviewsDuring(action);
  const review = seen.find(({ kind, spec }) => kind === 'SubjectAccessReview' && inner(spec, 'user') === name);
  const actual = `The kubelet did not request a SubjectAccessReview for the user ${name}`;
  expectThat('review', review !== undefined, 'a SubjectAccessReview', actual);
  return review.spec;
}

export const reviewSpecs = group('kubelet/reviews', { level: 'observed', needs: ['kubelet', 'api-server'] }, [
  {
    id: 'asks-for-the-checkpoint-of-its-node',
    title: "The access review asks for the verb create on nodes/checkpoint of the kubelet's own node",
    source: observed('reviews'),
    mutants: {
      'kubelet-refuses-everybody': 'review',
      'kubelet-authorization-skipped': 'review',
      'kubelet-asks-permission-to-get': 'attributes',
      'kubelet-asks-permission-to-proxy': 'attributes',
    },
    async check(subject) {
      const usual = await asking(subject);
      const { newUser, nodeName } = usual.apiServer();
      const { name: user, token } = newUser();
      const spec = await accessReview(usual, user, () => checkpointAs(usual, token));
      const attributes = inner(spec, 'resourceAttributes');
      const wanted = { verb: 'create', version: 'v1', resource: 'nodes', subresource: 'checkpoint', name: nodeName };
      for (const [name, value] of Object.entries(wanted))
        expectEqual('attributes', inner(attributes, name), value, `The attribute ${name} of the access review`);
    },
  },
  {
    id: 'names-the-user-of-a-token',
    title: 'The access review contains the user and groups that the API server returned for the token',
    source: observed('reviews'),
    mutants: {
      'kubelet-refuses-everybody': 'review',
      'kubelet-authorization-skipped': 'review',
      'kubelet-review-without-groups': 'groups',
    },
    async check(subject) {
      const usual = await asking(subject);
      const { name, token } = usual.apiServer().newUser({ groups: ['ckptest:ops'] });
      const spec = await accessReview(usual, name, () => checkpointAs(usual, token));
      expectEqual(
        'groups',
        JSON.stringify(inner(spec, 'groups')),
        '["ckptest:ops","system:authenticated"]',
        'The list of groups in the access review',
      );
    },
  },
  {
    id: 'names-the-user-of-a-certificate',
    title: "The access review contains the certificate's common name, its organizations and its credential id",
    source: observed('certificate-allowed'),
    needs: ['client-certificates'],
    mutants: {
      'kubelet-certificates-ignored': 'review',
      'kubelet-refuses-everybody': 'review',
      'kubelet-authorization-skipped': 'review',
      'kubelet-review-without-groups': 'groups',
      'kubelet-review-without-credential-id': 'credential-id',
    },
    async check(subject) {
      const usual = await asking(subject);
      const user = usual.apiServer().newUser({ groups: ['ckptest:ops'] });
      const certificate = await user.certificate();
      const spec = await accessReview(usual, user.name, () => checkpointAs(usual, certificate));
      expectEqual(
        'groups',
        JSON.stringify(inner(spec, 'groups')),
        '["ckptest:ops","system:authenticated"]',
        'The list of groups in the access review',
      );
      const id = String(inner(spec, 'extra', 'authentication.kubernetes.io/credential-id', '0'));
      const actual = `The credential id of the certificate in the access review is ${show(id)}`;
      expectThat('credential-id', CREDENTIAL_ID.test(id), 'X509SHA256= and a SHA-256', actual);
    },
  },
  {
    id: 'token-is-shown-once',
    title: 'A bearer token is reviewed once, and the result is cached',
    source: observed('api-down-cached-token'),
    mutants: { 'kubelet-remembers-no-token': 'reviews' },
    async check(subject) {
      const usual = await asking(subject);
      const server = usual.apiServer();
      const { token } = server.newUser();
      const seen = await server.reviewsDuring(async () => {
        await checkpointAs(usual, token);
        await checkpointAs(usual, token);
      });
      expectEqual(
        'reviews',
        seen.filter(({ kind }) => kind === 'TokenReview').length,
        1,
        'The number of reviews of one token that was used twice',
      );
    },
  },
  {
    id: 'permission-outlives-the-api-server',
    title: 'A user whose permission is cached can still checkpoint while the API server fails',
    source: observed('api-down-cached-token'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-success-is-201': 'status',
      'kubelet-refuses-everybody': 'status',
      'kubelet-authorization-skipped': 'status',
      'kubelet-asks-permission-to-get': 'status',
      'kubelet-asks-permission-to-proxy': 'status',
      'kubelet-remembers-no-token': 'status',
      'kubelet-remembers-no-permission': 'status',
    },
    async check(subject) {
      const usual = await asking(subject);
      const server = usual.apiServer();
      const { token } = server.newUser({ permissions: [CHECKPOINT] });
      expectStatus(await checkpointAs(usual, token), 200, 'A checkpoint request of a permitted user');
      const later = await server.whileFailing('TokenReview', () =>
        server.whileFailing('SubjectAccessReview', () => checkpointAs(usual, token)),
      );
      expectStatus(later, 200, 'The next request of the same user, while the API server fails,');
    },
  },
  {
    id: 'failed-token-review-is-401',
    title: 'If the token review fails, the request gets 401',
    source: observed('api-down-new-token'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-any-token-accepted': 'status',
    },
    async check(subject) {
      const usual = await asking(subject);
      const server = usual.apiServer();
      const { token } = server.newUser({ permissions: [CHECKPOINT] });
      expectStatus(
        await server.whileFailing('TokenReview', () => checkpointAs(usual, token)),
        401,
        'A request whose token review failed',
      );
    },
  },
  {
    id: 'failed-access-review-is-500',
    title: 'If the access review fails, the request gets 500 and the body says so',
    source: observed('api-down'),
    mutants: {
      'kubelet-refuses-everybody': 'status',
      'kubelet-unanswered-is-permission': 'status',
      'kubelet-unanswered-is-403': 'status',
    },
    async check(subject) {
      const usual = await asking(subject);
      const server = usual.apiServer();
      const { token } = server.newUser({ permissions: [CHECKPOINT] });
      const answer = await server.whileFailing('SubjectAccessReview', () => checkpointAs(usual, token));
      expectStatus(answer, 500, 'A request whose access review failed');
      expectBodyContains(answer, 'Authorization error', 'A request whose access review failed');
    },
  },
  {
    id: 'failure-is-not-remembered',
    title: 'A failed review is not cached: the next request is reviewed again and succeeds',
    level: 'hardening',
    source: observed('api-down'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-success-is-201': 'status',
      'kubelet-refuses-everybody': 'status',
      'kubelet-asks-permission-to-get': 'status',
      'kubelet-asks-permission-to-proxy': 'status',
      'kubelet-remembers-failures': 'status',
    },
    async check(subject) {
      const usual = await asking(subject);
      const server = usual.apiServer();
      const { token } = server.newUser({ permissions: [CHECKPOINT] });
      await server.whileFailing('TokenReview', () => checkpointAs(usual, token));
      await server.whileFailing('SubjectAccessReview', () => checkpointAs(usual, token));
      expectStatus(await checkpointAs(usual, token), 200, 'The next request after failed reviews');
    },
  },
]);
