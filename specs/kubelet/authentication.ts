// Who may ask: 401 without valid credentials, before anything else is told.
import { expectStatus } from '../expect';
import { observed, sentence } from '../sources';
import { group } from '../spec';

export const authentication = group('kubelet/authentication', { level: 'documented', needs: ['kubelet'] }, [
  {
    id: 'no-credentials-is-401',
    title: 'A request without credentials is 401',
    source: sentence('D24'),
    mutants: { 'kubelet-authentication-skipped': 'status', 'kubelet-unauthenticated-is-403': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      const target = `/checkpoint/${namespace}/${pod}/${container}`;
      expectStatus(await request({ method: 'POST', target, credentials: 'none' }), 401);
    },
  },
  {
    id: 'wrong-token-is-401',
    title: 'A request with a bearer token that nobody issued is 401',
    source: sentence('D24'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-any-token-accepted': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      const target = `/checkpoint/${namespace}/${pod}/${container}`;
      expectStatus(await request({ method: 'POST', target, credentials: { token: 'not-issued-by-anybody' } }), 401);
    },
  },
  {
    id: 'unauthenticated-learns-nothing',
    title: 'Without credentials an unknown pod is 401, not 404: nobody learns which pods exist',
    level: 'hardening',
    source: observed('auth-none-missing-pod'),
    mutants: {
      'kubelet-authentication-skipped': 'status',
      'kubelet-unauthenticated-is-403': 'status',
      'kubelet-lookup-before-authentication': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = `/checkpoint/${running.namespace}/ckptest-no-such-pod/${running.container}`;
      expectStatus(await request({ method: 'POST', target, credentials: 'none' }), 401);
    },
  },
  {
    id: 'anonymous-may-be-allowed',
    title: 'Where the configuration allows anonymous requests, one without credentials is served',
    source: sentence('D10'),
    needs: ['kubelet-configuration', 'checkpoint'],
    mutants: {
      'kubelet-anonymous-never-allowed': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { request, running } = await node({ anonymous: true });
      const { namespace, pod, container } = running;
      const target = `/checkpoint/${namespace}/${pod}/${container}`;
      expectStatus(await request({ method: 'POST', target, credentials: 'none' }), 200);
    },
  },
]);
