// Broken kubelets, in HTTP itself: framing, connections, what is not quite HTTP, and TLS.

import type { HttpRequest, HttpResponse } from '../../../go/net-http/exchange';
import type { FakeKubeletOptions } from '../../../kubelet/server';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { answering, isCheckpoint } from '../../effects/http-effects';
import { extraCheckpoints } from './extra-checkpoints';

/** Changes answers as they are sent, head and framing included. */
const sending = (change: (text: string) => string): Effects => ({
  kubelet: (options: FakeKubeletOptions) => ({
    ...options,
    framing: (bytes) => Buffer.from(change(bytes.toString('latin1')), 'latin1'),
  }),
});

/** Refuses requests for checkpoints that fit. */
const refusing = (fits: (request: HttpRequest) => boolean, status: number): Effects => ({
  http: async (request, next) =>
    isCheckpoint({ ...request, target: request.target.replace(/^https?:\/\/[^/]*/, '') }) && fits(request)
      ? { status, headers: [], body: 'made up: refused' }
      : next(request),
});

const withHeader = (response: HttpResponse, name: string, value: string): HttpResponse => ({
  ...response,
  headers: [...response.headers, [name, value]],
});

const NOT_QUITE_HTTP = /^HTTP\/1\.[01] (400|417|505) /;

const table = {
  'kubelet-malformed-is-500': [
    'answers 500 to what is not quite HTTP',
    () => sending((text) => text.replace(/^HTTP\/1\.1 (400|417|505) /, 'HTTP/1.1 500 ')),
  ],
  'kubelet-serves-malformed': [
    'refuses what is not quite HTTP, and checkpoints nonetheless',
    () => {
      const { kubeletCri, ask } = extraCheckpoints();
      const noticing = sending((text) => {
        if (NOT_QUITE_HTTP.test(text)) void ask(new AbortController().signal);
        return text;
      });
      return { ...noticing, kubeletCri };
    },
  ],
  'kubelet-answers-in-one-version': [
    'answers a client of HTTP/1.0 in HTTP/1.1',
    () => sending((text) => text.replace(/^HTTP\/1\.0 404 /, 'HTTP/1.1 404 ')),
  ],
  'kubelet-absolute-targets-refused': [
    'reads no target but a path',
    () => refusing(({ target }) => !target.startsWith('/'), 400),
  ],
  'kubelet-headers-without-end': [
    'reads headers of any length',
    () => sending((text) => text.replace(/^HTTP\/1\.1 431 /, 'HTTP/1.1 404 ')),
  ],
  'kubelet-headers-of-8kB': [
    'reads no headers of more than 8 kB',
    () => refusing(({ headers }) => JSON.stringify(headers).length > 8192, 431),
  ],
  'kubelet-long-answers-have-a-length': [
    'sends long errors with their length',
    () => ({
      http: answering((response) =>
        response.body.length > 2048
          ? withHeader(response, 'Content-Length', String(Buffer.byteLength(response.body)))
          : response,
      ),
    }),
  ],
  'kubelet-closes-after-errors': [
    'ends the connection after an error',
    () => ({
      http: answering((response) => (response.status < 400 ? response : withHeader(response, 'Connection', 'close'))),
    }),
  ],
  'kubelet-plain-http-is-hung-up': [
    'hangs up on who forgot TLS',
    () => sending((text) => (text.includes('HTTP request to an HTTPS server') ? '' : text)),
  ],
  'kubelet-agrees-to-alpn': [
    'agrees to HTTP/1.1 in ALPN',
    () => ({ kubelet: (options) => ({ ...options, protocols: ['http/1.1'] }) }),
  ],
} satisfies DeviationTable;

export const framingMutants = deviations('mutant', table);
