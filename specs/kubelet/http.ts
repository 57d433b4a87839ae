// Rules about HTTP/1.1: malformed requests, message framing, connections, and TLS without HTTP/2.

import { observed } from '../catalogue/sources';
import { ABSENT, checkpointPath, expectCalls } from '../steps/kubelet-request';
import { expectEqual, expectThat, show } from '../subject/expect';
import type { RawAnswer } from '../subject/http';
import { group } from '../subject/spec';
import type { ContainerName } from '../subject/subject';

const CLOSE = 'Connection: close\r\n';

/** Returns a path that gets 404, so that nothing is checkpointed. */
const unknownPod = (running: ContainerName) => checkpointPath({ ...running, pod: ABSENT });

/** Expects that the first line of a response begins with a text. A failure has the label `status`. */
function expectFirstLine({ text }: RawAnswer, start: string, what: string): void {
  const line = text.split('\r\n')[0] ?? '';
  const actual = line === '' ? `${what} got no response: the connection was closed` : `${what} got ${show(line)}`;
  expectThat('status', text.startsWith(start), `a response that begins with ${start.trim()}`, actual);
}

const header = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*?)\\r?$`, 'im').exec(text.split('\r\n\r\n')[0] ?? '')?.[1];

/** A malformed request: a function that makes its bytes from a request target, and the expected status. */
type Malformed = readonly [bytes: (target: string) => string, status: string];

const malformed: Readonly<Record<string, Malformed>> = {
  'no Host': [(target) => `POST ${target} HTTP/1.1\r\n${CLOSE}\r\n`, '400 Bad Request'],
  'no request line': [() => 'hello\r\n\r\n', '400 Bad Request'],
  'a relative target': [(target) => `POST ${target.slice(1)} HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n`, '400 Bad Request'],
  'a length that is no number': [
    (target) => `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n${CLOSE}\r\n`,
    '400 Bad Request',
  ],
  'a space in the name of a header': [
    (target) => `POST ${target} HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n${CLOSE}\r\n`,
    '400 Bad Request',
  ],
  'an unknown version': [(target) => `POST ${target} HTTP/3.9\r\nHost: x\r\n${CLOSE}\r\n`, '505 '],
  'an unknown expectation': [
    (target) => `POST ${target} HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\n${CLOSE}\r\n`,
    '417 Expectation Failed',
  ],
};

export const httpSpecs = group('kubelet/http', { level: 'observed', needs: ['kubelet', 'raw-connection'] }, [
  {
    id: 'malformed-is-refused',
    title: 'A malformed HTTP request gets 400, 417 or 505',
    source: observed('host-missing'),
    mutants: { 'kubelet-malformed-is-500': 'status' },
    async check({ node }) {
      const { raw, running } = await node();
      for (const [name, [bytes, status]] of Object.entries(malformed)) {
        const answer = await raw({ bytes: bytes(unknownPod(running)) });
        expectFirstLine(answer, `HTTP/1.1 ${status}`, `A malformed request (${name})`);
      }
    },
  },
  {
    id: 'malformed-checkpoints-nothing',
    title: 'Malformed requests and requests without TLS never reach the runtime',
    level: 'hardening',
    source: observed('host-missing'),
    needs: ['call-log'],
    mutants: { 'kubelet-serves-malformed': 'calls' },
    async check({ node }) {
      const { raw, running, checkpointsDuring } = await node();
      const calls = await checkpointsDuring(async () => {
        const target = checkpointPath(running);
        await raw({ bytes: `POST ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, plain: true });
        for (const [bytes] of Object.values(malformed)) await raw({ bytes: bytes(target) });
      });
      expectCalls(calls, 0, 'Malformed requests, and one without TLS,');
    },
  },
  {
    id: 'old-clients-are-answered',
    title: 'An HTTP/1.0 request gets an HTTP/1.0 response',
    source: observed('http-1.0'),
    mutants: {
      'kubelet-answers-in-one-version': 'status',
      'kubelet-unknown-pod-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
    },
    async check({ node }) {
      const { raw, running } = await node();
      expectFirstLine(
        await raw({ bytes: `POST ${unknownPod(running)} HTTP/1.0\r\n\r\n` }),
        'HTTP/1.0 404 ',
        'An HTTP/1.0 request',
      );
    },
  },
  {
    id: 'targets-may-be-absolute',
    title: 'The request target may be a full URL and may end with a fragment',
    source: observed('target-absolute'),
    mutants: {
      'kubelet-absolute-targets-refused': 'status',
      'kubelet-unknown-pod-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
      'kubelet-404-says-nothing': 'body',
    },
    async check({ node }) {
      const { raw, running } = await node();
      const target = unknownPod(running);
      for (const form of [`https://x${target}`, `${target}#part`]) {
        const answer = await raw({ bytes: `POST ${form} HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n` });
        expectFirstLine(answer, 'HTTP/1.1 404 ', `A request for an unknown pod with the target ${form}`);
        const actual = `A request with the target ${form} did not reach the lookup of the pod: it got ${show(answer.text)}`;
        expectThat('body', answer.text.endsWith('pod does not exist'), 'the 404 of an unknown pod', actual);
      }
    },
  },
  {
    id: 'headers-up-to-a-mebibyte',
    title: 'A request with 900 kB of headers is accepted, and a request with 1.1 MB of headers gets 431',
    source: observed('header-1.1MB'),
    mutants: {
      'kubelet-headers-without-end': 'status',
      'kubelet-headers-of-8kB': 'status',
      'kubelet-unknown-pod-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
    },
    async check({ node }) {
      const { raw, running } = await node();
      const bytes = (length: number) =>
        `POST ${unknownPod(running)} HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(length)}\r\n${CLOSE}\r\n`;
      expectFirstLine(await raw({ bytes: bytes(900_000) }), 'HTTP/1.1 404 ', 'A request with a header of 900 kB');
      expectFirstLine(await raw({ bytes: bytes(1_100_000) }), 'HTTP/1.1 431 ', 'A request with a header of 1.1 MB');
    },
  },
  {
    id: 'long-answers-are-chunked',
    title: 'An error body of more than 2,048 bytes is sent in chunks, and a shorter error body has a Content-Length',
    source: observed('error-over-2048-bytes'),
    mutants: { 'kubelet-long-answers-have-a-length': 'length', 'kubelet-404-says-nothing': 'length' },
    async check({ node }) {
      const { raw, running } = await node();
      for (const [length, lengthHeader, encoding] of [
        [100, String('container  does not exist'.length + 100), undefined],
        [3_000, undefined, 'chunked'],
      ] as const) {
        const target = checkpointPath({ ...running, container: 'x'.repeat(length) });
        const { text } = await raw({ bytes: `POST ${target} HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n` });
        const what = `of an error for a name of ${length} characters`;
        expectEqual('length', header(text, 'Content-Length'), lengthHeader, `The Content-Length header ${what}`);
        expectEqual('encoding', header(text, 'Transfer-Encoding'), encoding, `The Transfer-Encoding header ${what}`);
      }
    },
  },
  {
    id: 'connection-outlives-errors',
    title: 'After an error the connection accepts the next request',
    source: observed('no-pod'),
    mutants: {
      'kubelet-get-checkpoints': 'answers',
      'kubelet-lookup-before-method': 'answers',
      'kubelet-closes-after-errors': 'answers',
      'kubelet-unknown-pod-is-500': 'answers',
      'kubelet-unknown-name-is-400': 'answers',
    },
    async check({ node }) {
      const { raw, running } = await node();
      const first = `POST ${unknownPod(running)} HTTP/1.1\r\nHost: x\r\n\r\n`;
      const second = `GET ${unknownPod(running)} HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n`;
      const { text } = await raw({ bytes: `${first}${second}` });
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
      const actual = `A POST request for an unknown pod and a GET request on the same connection got the statuses ${statuses.join(' and ') || 'none'}`;
      expectThat('answers', statuses.join(' ') === '404 405', '404 and 405', actual);
    },
  },
  {
    id: 'plain-http-is-400',
    title: 'A plain HTTP request to the TLS port gets 400, and the message says that the server expects HTTPS',
    source: observed('plain HTTP to the TLS port'),
    mutants: { 'kubelet-plain-http-is-hung-up': 'status' },
    async check({ node }) {
      const { raw, running } = await node();
      const answer = await raw({ bytes: `POST ${unknownPod(running)} HTTP/1.1\r\nHost: x\r\n\r\n`, plain: true });
      expectFirstLine(answer, 'HTTP/1.0 400 Bad Request', 'A request without TLS');
      const says = 'Client sent an HTTP request to an HTTPS server.';
      expectThat('body', answer.text.includes(says), says, `A request without TLS got ${show(answer.text)}`);
    },
  },
  {
    id: 'http-2-is-not-agreed',
    title: 'The kubelet does not negotiate HTTP/2: it selects no ALPN protocol and uses HTTP/1.1',
    source: observed('no ALPN protocol'),
    mutants: {
      'kubelet-agrees-to-alpn': 'protocol',
      'kubelet-unknown-pod-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
    },
    async check({ node }) {
      const { raw, running } = await node();
      const bytes = `POST ${unknownPod(running)} HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n`;
      const answer = await raw({ bytes, protocols: ['h2', 'http/1.1'] });
      expectEqual(
        'protocol',
        answer.protocol,
        undefined,
        'The protocol that the kubelet selected from h2 and http/1.1',
      );
      expectFirstLine(answer, 'HTTP/1.1 404 ', 'A request for an unknown pod after ALPN');
    },
  },
]);
