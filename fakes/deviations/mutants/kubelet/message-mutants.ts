// Defines kubelets that send wrong response texts, or that handle runtime errors wrongly.
import { status as grpcStatus } from '@grpc/grpc-js';
import { type CriWrapper, onMethod } from '../../../base/cri-call';
import type { HttpResponse } from '../../../go/net-http/exchange';
import type { FakeKubeletOptions } from '../../../kubelet/server';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { changeResponse, isCheckpoint, status } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
const FROM_RUNTIME = /rpc error: code = /;
/** Matches the error texts of an unreachable runtime. Errors that a fault injects have different texts. */
const UNREACHABLE = /connection error|transport|EOF/;

const changeBody = (fits: RegExp, change: (body: string) => string) => () => ({
  http: changeResponse((response) =>
    fits.test(response.body) ? { ...response, body: change(response.body) } : response,
  ),
});

/** Returns whether an error says that the connection to the runtime failed. */
const isLost = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === grpcStatus.UNAVAILABLE && UNREACHABLE.test(error.message);

/** Creates new effects for each kubelet, because these effects keep state. */
const newForEach = (make: () => Pick<Effects, 'kubeletCri' | 'http'>): Effects => ({
  kubelet: (options: FakeKubeletOptions) => {
    const { kubeletCri, http } = make();
    return {
      ...options,
      ...(kubeletCri && { cri: [...(options.cri ?? []), kubeletCri] }),
      ...(http && { http: [...(options.http ?? []), http] }),
    };
  },
});

const texts = {
  'kubelet-404-says-nothing': [
    'Does not name the missing object in a 404 response',
    changeBody(UNKNOWN_NAME, () => 'not found'),
  ],
  'kubelet-errors-are-json': [
    'Sends its errors with the content type of JSON',
    () => ({
      http: changeResponse((response) =>
        response.status < 400
          ? response
          : { ...response, headers: [...response.headers, ['Content-Type', 'application/json']] },
      ),
    }),
  ],
  'kubelet-success-says-more': [
    "Adds more than the archive's path to a successful response",
    changeBody(/^\{"items":\["/, (body) => body.replace(/\}$/, ',"kind":"List"}')),
  ],
  'kubelet-code-dropped': [
    "Leaves out the runtime's gRPC code",
    changeBody(FROM_RUNTIME, (body) => body.replace(/rpc error: code = \w+ desc = /, '')),
  ],
  'kubelet-messages-cut': [
    "Truncates the runtime's error message after one kilobyte",
    changeBody(FROM_RUNTIME, (body) => body.slice(0, 1024)),
  ],
  'kubelet-messages-escaped': [
    "Escapes line ends in the runtime's error message",
    changeBody(FROM_RUNTIME, (body) => body.replaceAll('\n', '\\n')),
  ],
} satisfies DeviationTable;

const errors = {
  'kubelet-stays-failed': [
    'Responds to the request after an error with the same error',
    () => {
      let last: HttpResponse | undefined;
      return {
        http: async (request, next) => {
          if (!isCheckpoint(request)) return next(request);
          const left = last;
          last = undefined;
          if (left) return left;
          const response = await next(request);
          if (/made up: once/.test(response.body)) last = response;
          return response;
        },
      };
    },
  ],
  'kubelet-runtime-away-is-503': [
    'Responds with 503 if the runtime is unavailable',
    () => ({ http: status(500, /code = Unavailable/, 503) }),
  ],
  'kubelet-never-reconnects': [
    'Does not reconnect to a runtime that was unavailable',
    () =>
      newForEach(() => {
        let lost: Error | undefined;
        const kubeletCri: CriWrapper = async (call, next) => {
          if (lost) throw lost;
          try {
            return await next(call);
          } catch (error) {
            if (isLost(error)) lost = error;
            throw error;
          }
        };
        return { kubeletCri };
      }),
  ],
  'kubelet-lost-answer-is-success': [
    'Reports success if the runtime disconnects during a checkpoint',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          if (isLost(error)) return {};
          throw error;
        }
      }),
    }),
  ],
  'kubelet-lookup-needs-the-runtime': [
    'Cannot report an unknown pod while the runtime is unavailable',
    () =>
      newForEach(() => {
        let list: (() => Promise<unknown>) | undefined;
        return {
          kubeletCri: (call, next) => {
            if (call.method === 'ListContainers') {
              const { signal } = new AbortController();
              list = () => next({ ...call, signal });
            }
            return next(call);
          },
          http: async (request, next) => {
            const response = await next(request);
            if (!UNKNOWN_NAME.test(response.body)) return response;
            const isAway = await list?.().then(
              () => false,
              () => true,
            );
            return isAway ? { ...response, status: 500 } : response;
          },
        };
      }),
  ],
} satisfies DeviationTable;

export const messageMutants = deviations('mutant', { ...texts, ...errors });
