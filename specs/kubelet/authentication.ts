// Rules about authentication: a request without valid credentials gets 401 and learns nothing else.

import { observed, sentence } from '../catalogue/sources';
import { ABSENT, checkpointAs, checkpointPath } from '../steps/kubelet-request';
import { expectEqual, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

export const authenticationSpecs = group('kubelet/authentication', { level: 'documented', needs: ['kubelet'] }, [
  {
    id: 'no-credentials-is-401',
    title: 'A request without credentials gets 401',
    source: sentence('D24'),
    mutants: { 'kubelet-authentication-skipped': 'status', 'kubelet-unauthenticated-is-403': 'status' },
    async check({ node }) {
      expectStatus(await checkpointAs(await node(), 'none'), 401, 'A checkpoint request without credentials');
    },
  },
  {
    id: 'wrong-token-is-401',
    title: 'A request with a bearer token that was never issued gets 401',
    source: sentence('D24'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-any-token-accepted': 'status',
    },
    async check({ node }) {
      expectStatus(
        await checkpointAs(await node(), { token: 'not-issued-by-anybody' }),
        401,
        'A checkpoint request with a bearer token that was never issued',
      );
    },
  },
  {
    id: 'unauthenticated-learns-nothing',
    title:
      'A request without credentials for an unknown pod gets 401, not 404, so that it does not reveal which pods exist',
    level: 'hardening',
    source: observed('auth-none-missing-pod'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-lookup-before-authentication': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath({ ...running, pod: ABSENT });
      expectStatus(
        await request({ method: 'POST', target, credentials: 'none' }),
        401,
        'A request without credentials for a pod that does not exist',
      );
    },
  },
  {
    id: 'anonymous-may-be-allowed',
    title: 'If the configuration allows anonymous requests, a request without credentials succeeds',
    source: sentence('D10'),
    needs: ['kubelet-configuration', 'checkpoint'],
    mutants: {
      'kubelet-anonymous-never-allowed': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      expectStatus(
        await checkpointAs(await node({ anonymous: true }), 'none'),
        200,
        'A request without credentials, which the configuration allows,',
      );
    },
  },
  {
    id: 'certificate-is-served',
    title: 'A request with a client certificate from a trusted authority is accepted',
    source: sentence('D10'),
    needs: ['client-certificates', 'checkpoint'],
    mutants: {
      'kubelet-success-is-201': 'status',
      'kubelet-certificates-ignored': 'status',
      'kubelet-refuses-everybody': 'status',
    },
    async check({ node }) {
      const usual = await node();
      expectStatus(
        await checkpointAs(usual, await usual.certificate({ name: 'ckptest:somebody' })),
        200,
        'A checkpoint request with a client certificate of a trusted authority',
      );
    },
  },
  {
    id: 'expired-certificate-is-401',
    title: 'A request with an expired client certificate gets 401',
    source: sentence('D24'),
    needs: ['client-certificates'],
    mutants: { 'kubelet-authentication-skipped': 'status', 'kubelet-unauthenticated-is-403': 'status' },
    async check({ node }) {
      const usual = await node();
      const certificate = await usual.certificate({ name: 'ckptest:somebody', expired: true });
      expectStatus(
        await checkpointAs(usual, certificate),
        401,
        'A checkpoint request with an expired client certificate',
      );
    },
  },
  {
    id: 'certificate-of-another-authority-is-401',
    title: 'A request with a client certificate from an untrusted authority gets 401',
    source: sentence('D24'),
    needs: ['client-certificates'],
    mutants: { 'kubelet-authentication-skipped': 'status', 'kubelet-unauthenticated-is-403': 'status' },
    async check({ node }) {
      const usual = await node();
      const certificate = await usual.certificate({ name: 'ckptest:somebody', authority: 'another' });
      expectStatus(
        await checkpointAs(usual, certificate),
        401,
        'A checkpoint request with a client certificate of an unknown authority',
      );
    },
  },
  {
    id: 'expired-token-is-401',
    title: 'A request with an expired bearer token gets 401',
    source: sentence('D24'),
    needs: ['api-server'],
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-any-token-accepted': 'status',
    },
    async check({ node }) {
      const usual = await node({ access: 'webhook' });
      const user = usual.apiServer().newUser({ tokenExpired: true, permissions: [{ verbs: ['*'], resources: ['*'] }] });
      expectStatus(await checkpointAs(usual, user.token), 401, 'A checkpoint request with an expired bearer token');
    },
  },
  {
    id: 'unknown-token-is-401',
    title: 'A request with a bearer token that the API server does not know gets 401',
    source: sentence('D24'),
    needs: ['api-server'],
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-any-token-accepted': 'status',
    },
    async check({ node }) {
      const usual = await node({ access: 'webhook' });
      expectStatus(
        await checkpointAs(usual, { token: 'ckptest-issued-by-nobody' }),
        401,
        'A checkpoint request with a bearer token that the API server does not know',
      );
    },
  },
  {
    id: 'other-schemes-are-401',
    title: 'A request with credentials in any scheme other than a bearer token gets 401',
    level: 'observed',
    source: observed('auth-basic'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-any-token-accepted': 'status',
      'kubelet-basic-accepted': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath(running);
      for (const authorization of ['Basic YTpi', 'Bearer', 'YTpi', 'Negotiate YTpi']) {
        const answer = await request({ method: 'POST', target, headers: { authorization }, credentials: 'none' });
        expectStatus(answer, 401, `A checkpoint request with the header "Authorization: ${authorization}"`);
      }
    },
  },
  {
    id: 'says-no-more-than-unauthorized',
    title: 'The body of a 401 is "Unauthorized" and nothing else',
    level: 'observed',
    source: observed('auth-none'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-401-tells-why': 'body',
    },
    async check({ node }) {
      const answer = await checkpointAs(await node(), 'none');
      expectStatus(answer, 401, 'A checkpoint request without credentials');
      expectEqual('body', answer.body, 'Unauthorized', 'The body of the 401');
    },
  },
]);
