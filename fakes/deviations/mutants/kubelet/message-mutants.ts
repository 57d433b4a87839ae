// Broken kubelets, in the words of their answers, and in what an error of the runtime does to them.
import { status as grpcStatus } from '@grpc/grpc-js';
import { type CriWrapper, onMethod } from '../../../base/cri-call';
import type { HttpResponse } from '../../../go/net-http/exchange';
import type { FakeKubeletOptions } from '../../../kubelet/server';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { answering, isCheckpoint, status } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
const FROM_RUNTIME = /rpc error: code = /;
/** What is said of a runtime that is not there, and not by one that was told to fail. */
const NOT_THERE = /connection error|transport|EOF/;

const said = (fits: RegExp, change: (body: string) => string) => () => ({
  http: answering((response) => (fits.test(response.body) ? { ...response, body: change(response.body) } : response)),
});

/** Whether an error is of the way to the runtime. */
const isLost = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === grpcStatus.UNAVAILABLE && NOT_THERE.test(error.message);

/** Bends that are made anew for every kubelet, because they remember. */
const each = (make: () => Pick<Effects, 'kubeletCri' | 'http'>): Effects => ({
  kubelet: (options: FakeKubeletOptions) => {
    const { kubeletCri, http } = make();
    return {
      ...options,
      ...(kubeletCri && { cri: [...(options.cri ?? []), kubeletCri] }),
      ...(http && { http: [...(options.http ?? []), http] }),
    };
  },
});

const words = {
  'kubelet-404-says-nothing': ['does not say what was not found', said(UNKNOWN_NAME, () => 'not found')],
  'kubelet-errors-are-json': [
    'calls its errors JSON',
    () => ({
      http: answering((response) =>
        response.status < 400
          ? response
          : { ...response, headers: [...response.headers, ['Content-Type', 'application/json']] },
      ),
    }),
  ],
  'kubelet-success-says-more': [
    'says more about a success than where the archive is',
    said(/^\{"items":\["/, (body) => body.replace(/\}$/, ',"kind":"List"}')),
  ],
  'kubelet-code-dropped': [
    "leaves the runtime's code out",
    said(FROM_RUNTIME, (body) => body.replace(/rpc error: code = \w+ desc = /, '')),
  ],
  'kubelet-messages-cut': [
    'cuts what the runtime says after a kilobyte',
    said(FROM_RUNTIME, (body) => body.slice(0, 1024)),
  ],
  'kubelet-messages-escaped': [
    'escapes line ends in what the runtime says',
    said(FROM_RUNTIME, (body) => body.replaceAll('\n', '\\n')),
  ],
} satisfies DeviationTable;

const errors = {
  'kubelet-stays-failed': [
    'answers the request after an error with the error',
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
    'answers 503 where the runtime is not available',
    () => ({ http: status(500, /code = Unavailable/, 503) }),
  ],
  'kubelet-never-reconnects': [
    'does not try again to reach a runtime that was away',
    () =>
      each(() => {
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
    'takes a runtime that went away for one that is done',
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
    'cannot say that a pod is unknown while the runtime is away',
    () =>
      each(() => {
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

export const messageMutants = deviations('mutant', { ...words, ...errors });
