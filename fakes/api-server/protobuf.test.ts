// Tests that reviews in protobuf have the same results as reviews in JSON.
import { expect, test } from '@jest/globals';
import { type KubernetesMessage, kubernetes } from '../../proto/load';
import { ACCESS_REVIEWS, answerReview, type SeenReview, TOKEN_REVIEWS } from './reviews';

const POLICY = {
  tokens: [{ token: 't', user: { name: 'ann', groups: ['a'], uid: '7' } }],
  rules: [{ users: ['ann'], verbs: ['create'], resources: ['nodes/checkpoint'], names: ['n'] }],
};

const wrapped = (kind: KubernetesMessage, apiVersion: string, message: object) =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    kubernetes('Unknown').encode({ typeMeta: { apiVersion, kind }, raw: kubernetes(kind).encode(message) }),
  ]);

test('a token review in protobuf gets the same response as in JSON', () => {
  const seen: SeenReview[] = [];
  const bytes = wrapped('TokenReview', 'authentication.k8s.io/v1', { spec: { token: 't' } });
  const { status, body } = answerReview(POLICY, TOKEN_REVIEWS, bytes, seen);
  expect(status).toBe(201);
  expect(JSON.parse(body).status).toEqual({ authenticated: true, user: { username: 'ann', uid: '7', groups: ['a'] } });
  const plain = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: { token: 't' } };
  expect(seen).toEqual([{ url: TOKEN_REVIEWS, body: plain }]);
});

test.each([
  ['n', true],
  ['m', false],
])('a user may access node %s: %s', (name, allowed) => {
  const seen: SeenReview[] = [];
  const resourceAttributes = { verb: 'create', version: 'v1', resource: 'nodes', subresource: 'checkpoint', name };
  const spec = { resourceAttributes, user: 'ann', groups: ['g'], extra: { k: { items: ['v', 'w'] } } };
  const bytes = wrapped('SubjectAccessReview', 'authorization.k8s.io/v1', { spec });
  expect(JSON.parse(answerReview(POLICY, ACCESS_REVIEWS, bytes, seen).body).status).toEqual({ allowed });
  expect(seen).toMatchObject([{ body: { spec: { ...spec, extra: { k: ['v', 'w'] } } } }]);
});

/** The bytes are a TokenReview of the token `t`, encoded by hand with the published field numbers. */
test('the published field numbers are used', () => {
  const hex =
    '6b387300 0a27 0a18 61757468656e7469636174696f6e2e6b38732e696f2f7631 120b 546f6b656e526576696577 1207 0a00 1203 0a0174';
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  expect(JSON.parse(answerReview(POLICY, TOKEN_REVIEWS, bytes, []).body).status.authenticated).toBe(true);
});

test.each(['6b387300ff', '6b387300', '6b38730012020a00'])('the protobuf review %s is a bad request', (hex) => {
  expect(answerReview(POLICY, TOKEN_REVIEWS, Buffer.from(hex, 'hex'), []).status).toBe(400);
});
