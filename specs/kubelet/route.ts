// Rules about the route: POST /checkpoint/{namespace}/{pod}/{container}, with all three parts required.

import { observed, sentence } from '../catalogue/sources';
import { expectEqual, expectNoSuccess, expectRefused, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

export const routeSpecs = group('kubelet/route', { level: 'documented', needs: ['kubelet'] }, [
  {
    id: 'post-checkpoints',
    title: 'POST /checkpoint/{namespace}/{pod}/{container} checkpoints the container',
    source: sentence('D17'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      expectStatus(
        await request({ method: 'POST', target: `/checkpoint/${namespace}/${pod}/${container}` }),
        200,
        'The documented checkpoint request',
      );
    },
  },
  {
    id: 'get-is-refused',
    title: 'A GET request does not checkpoint: only POST is documented',
    source: sentence('D17'),
    mutants: { 'kubelet-get-checkpoints': 'refused' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      expectRefused(
        await request({ method: 'GET', target: `/checkpoint/${namespace}/${pod}/${container}` }),
        'A GET request for the checkpoint path',
      );
    },
  },
  {
    id: 'other-method-is-405',
    title: 'A request with a method other than POST gets 405, and the Allow header names POST',
    level: 'observed',
    source: observed('method-get'),
    mutants: { 'kubelet-get-checkpoints': 'status', 'kubelet-405-without-allow': 'allow' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await request({ method, target: `/checkpoint/${namespace}/${pod}/${container}` });
        expectStatus(answer, 405, `A ${method} request`);
        expectEqual('allow', answer.headers['allow'], 'POST', `The Allow header of the response to ${method}`);
      }
    },
  },
  {
    id: 'namespace-is-required',
    title: 'A request without a namespace does not succeed',
    source: sentence('D18'),
    mutants: { 'kubelet-namespace-optional': 'not-success', 'kubelet-container-optional': 'not-success' },
    async check({ node }) {
      const { request, running } = await node();
      const answer = await request({ method: 'POST', target: `/checkpoint/${running.pod}/${running.container}` });
      expectNoSuccess(answer, 'A request without a namespace');
    },
  },
  {
    id: 'container-is-required',
    title: 'A request without a container does not succeed',
    source: sentence('D18'),
    mutants: { 'kubelet-container-optional': 'not-success' },
    async check({ node }) {
      const { request, running } = await node();
      for (const end of ['', '/']) {
        const answer = await request({
          method: 'POST',
          target: `/checkpoint/${running.namespace}/${running.pod}${end}`,
        });
        expectNoSuccess(answer, 'A request without a container');
      }
    },
  },
  {
    id: 'pod-is-required',
    title: 'A request with an empty pod name does not succeed',
    source: sentence('D18'),
    mutants: { 'kubelet-pod-optional': 'not-success' },
    async check({ node }) {
      const { request, running } = await node();
      const answer = await request({
        method: 'POST',
        target: `/checkpoint/${running.namespace}//${running.container}`,
      });
      expectNoSuccess(answer, 'A request with an empty pod name');
    },
  },
  {
    id: 'pod-is-the-name-not-the-uid',
    title: "The pod is looked up by its name: a request with the pod's UID gets 404",
    level: 'observed',
    source: observed('pod-uid-as-pod'),
    mutants: { 'kubelet-unknown-pod-is-500': 'status', 'kubelet-unknown-name-is-400': 'status' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(
        await checkpoint({ ...running, pod: '18faabb2f1e01745e9477f53908a0dc6' }),
        404,
        'A request with a UID in place of the pod name',
      );
    },
  },
  {
    id: 'unacceptable-is-406',
    title: 'A request whose Accept header contains neither application/json nor */* gets 406',
    level: 'observed',
    source: observed('accept-xml'),
    mutants: { 'kubelet-accept-ignored': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      const answer = await request({
        method: 'POST',
        target: `/checkpoint/${namespace}/${pod}/${container}`,
        headers: { accept: 'application/xml' },
      });
      expectStatus(answer, 406, 'A checkpoint request with the header "Accept: application/xml"');
    },
  },
]);
