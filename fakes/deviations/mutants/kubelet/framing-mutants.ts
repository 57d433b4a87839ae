// Defines kubelets that handle HTTP or TLS wrongly: framing, connections, malformed requests.

import type { HttpRequest, HttpResponse } from '../../../go/net-http/exchange';
import type { FakeKubeletOptions } from '../../../kubelet/server';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { changeResponse, isCheckpoint } from '../../effects/http-effects';
import { extraCheckpoints } from './extra-checkpoints';

/** Makes effects that change the bytes of responses, including their headers and framing. */
const sending = (change: (text: string) => string): Effects => ({
  kubelet: (options: FakeKubeletOptions) => ({
    ...options,
    framing: (bytes) => Buffer.from(change(bytes.toString('latin1')), 'latin1'),
  }),
});

/** Makes effects that refuse matching checkpoint requests. */
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
    'Responds with 500 to malformed HTTP requests',
    () => sending((text) => text.replace(/^HTTP\/1\.1 (400|417|505) /, 'HTTP/1.1 500 ')),
  ],
  'kubelet-serves-malformed': [
    'Refuses malformed HTTP requests but still makes the checkpoint',
    () => {
      const { kubeletCri, makeCall } = extraCheckpoints();
      const noticing = sending((text) => {
        if (NOT_QUITE_HTTP.test(text)) void makeCall(new AbortController().signal);
        return text;
      });
      return { ...noticing, kubeletCri };
    },
  ],
  'kubelet-answers-in-one-version': [
    'Responds to HTTP/1.0 clients with HTTP/1.1',
    () => sending((text) => text.replace(/^HTTP\/1\.0 404 /, 'HTTP/1.1 404 ')),
  ],
  'kubelet-absolute-targets-refused': [
    'Accepts only a path as the request target, and no absolute URL',
    () => refusing(({ target }) => !target.startsWith('/'), 400),
  ],
  'kubelet-headers-without-end': [
    'Accepts headers of any size',
    () => sending((text) => text.replace(/^HTTP\/1\.1 431 /, 'HTTP/1.1 404 ')),
  ],
  'kubelet-headers-of-8kB': [
    'Refuses headers larger than 8 kB',
    () => refusing(({ headers }) => JSON.stringify(headers).length > 8192, 431),
  ],
  'kubelet-long-answers-have-a-length': [
    'Sends long error bodies with a Content-Length instead of chunks',
    () => ({
      http: changeResponse((response) =>
        response.body.length > 2048
          ? withHeader(response, 'Content-Length', String(Buffer.byteLength(response.body)))
          : response,
      ),
    }),
  ],
  'kubelet-closes-after-errors': [
    'Closes the connection after an error',
    () => ({
      http: changeResponse((response) =>
        response.status < 400 ? response : withHeader(response, 'Connection', 'close'),
      ),
    }),
  ],
  'kubelet-plain-http-is-hung-up': [
    'Closes the connection without a response if a client uses plain HTTP',
    () => sending((text) => (text.includes('HTTP request to an HTTPS server') ? '' : text)),
  ],
  'kubelet-agrees-to-alpn': [
    'Negotiates HTTP/1.1 in ALPN',
    () => ({ kubelet: (options) => ({ ...options, protocols: ['http/1.1'] }) }),
  ],
} satisfies DeviationTable;

export const framingMutants = deviations('mutant', table);
