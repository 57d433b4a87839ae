// Rules about methods other than POST: requests with them get 405, whatever names the path contains.

import { observed, sentence } from '../catalogue/sources';
import { ABSENT, checkpointPath, expectCalls } from '../steps/kubelet-request';
import { expectEqual, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';

export const methodSpecs = group('kubelet/methods', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'none-but-post-checkpoints',
    title: 'No method other than POST reaches the runtime',
    level: 'documented',
    source: sentence('D17'),
    needs: ['call-log'],
    mutants: { 'kubelet-get-checkpoints': 'calls', 'kubelet-head-checkpoints': 'calls' },
    async check({ node }) {
      const { request, running, checkpointsDuring } = await node();
      const target = checkpointPath(running);
      const calls = await checkpointsDuring(async () => {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) await request({ method, target });
      });
      expectCalls(calls, 0, 'GET, HEAD, PUT, PATCH, DELETE and OPTIONS requests');
    },
  },
  {
    id: 'head-is-405',
    title: 'A HEAD request gets 405, and the Allow header names POST',
    source: observed('method-head'),
    mutants: { 'kubelet-405-without-allow': 'allow', 'kubelet-head-checkpoints': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const answer = await request({ method: 'HEAD', target: checkpointPath(running) });
      expectStatus(answer, 405, 'A HEAD request');
      expectEqual('allow', answer.headers['allow'], 'POST', 'The Allow header of the response to HEAD');
    },
  },
  {
    id: 'unknown-method-is-405',
    title: 'A request with an unknown or lower-case method gets 405',
    source: observed('method-unknown'),
    needs: ['raw-connection'],
    mutants: { 'kubelet-unknown-method-is-501': 'status', 'kubelet-methods-ignore-case': 'status' },
    async check({ node }) {
      const { raw, running } = await node();
      for (const method of ['FOO', 'post', 'get']) {
        const bytes = `${method} ${checkpointPath(running)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
        const { text } = await raw({ bytes });
        const actual = `A request with the method ${method} got ${show(text.split('\r\n')[0] ?? '')}`;
        expectThat('status', text.startsWith('HTTP/1.1 405 '), 'HTTP 405', actual);
      }
    },
  },
  {
    id: 'method-before-lookup',
    title: 'A request with a wrong method for an unknown pod gets 405, not 404',
    source: observed('method-get'),
    mutants: { 'kubelet-get-checkpoints': 'status', 'kubelet-lookup-before-method': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath({ ...running, pod: ABSENT });
      expectStatus(await request({ method: 'GET', target }), 405, 'A GET request for an unknown pod');
    },
  },
]);
