// Rules about request headers, request bodies and query parameters other than the timeout.

import { observed } from '../catalogue/sources';
import { ABSENT, checkpointPath } from '../steps/kubelet-request';
import { expectEqual, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

export const negotiationSpecs = group('kubelet/negotiation', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'json-or-anything-is-acceptable',
    title: 'A request that accepts application/json or */* succeeds, whatever other types it lists',
    source: observed('accept-xml-or-any'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-accept-needs-json': 'status', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      for (const accept of ['application/json', '*/*', 'application/xml, */*;q=0.1', 'text/html, application/json']) {
        expectStatus(
          await request({ method: 'POST', target: checkpointPath(running), headers: { accept } }),
          200,
          `A checkpoint request with the header "Accept: ${accept}"`,
        );
      }
    },
  },
  {
    id: 'accept-before-lookup',
    title: 'A request with an unacceptable Accept header for an unknown pod gets 406, not 404',
    source: observed('accept-xml'),
    mutants: { 'kubelet-accept-ignored': 'status', 'kubelet-lookup-before-accept': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath({ ...running, pod: ABSENT });
      expectStatus(
        await request({ method: 'POST', target, headers: { accept: 'application/xml' } }),
        406,
        'A request for an unknown pod with the header "Accept: application/xml"',
      );
    },
  },
  {
    id: 'body-is-ignored',
    title: 'A request body is ignored, whatever its type and size',
    source: observed('ok-body-ignored'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-bodies-are-415': 'status',
      'kubelet-large-bodies-are-413': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath(running);
      const [small, large] = ['<a/>', 'x'.repeat(200_000)];
      for (const [type, body] of [
        ['text/xml', small],
        ['application/json', '{"timeout":"none"}'],
        ['application/octet-stream', large],
      ] as const) {
        expectStatus(
          await request({ method: 'POST', target, body, headers: { 'content-type': type } }),
          200,
          `A checkpoint request with a body of type ${type} and ${body.length} bytes`,
        );
      }
    },
  },
  {
    id: 'unknown-parameters-are-ignored',
    title: 'Unknown query parameters are ignored, including Timeout with a capital T',
    source: observed('ok-case-query'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-unknown-parameters-are-400': 'status',
      'kubelet-timeout-in-any-case': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      for (const query of ['foo=bar', 'Timeout=abc', 'timeouts=abc&x', '']) {
        expectStatus(await checkpoint(running, query), 200, `A checkpoint request with the query "${query}"`);
      }
    },
  },
  {
    id: 'compression-is-not-forced',
    title: 'A client that accepts gzip gets an uncompressed response',
    source: observed('accept-encoding-gzip'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-claims-gzip': 'encoding', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const headers = { 'accept-encoding': 'gzip' };
      const answer = await request({ method: 'POST', target: checkpointPath(running), headers });
      expectStatus(answer, 200, 'A checkpoint request of a client that accepts gzip');
      expectEqual('encoding', answer.headers['content-encoding'], undefined, 'The Content-Encoding of the response');
    },
  },
]);
