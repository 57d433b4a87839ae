// Connects the faults of a plan with their effects at each boundary of the fakes.
import { status } from '@grpc/grpc-js';
import type { CriResponseInit } from '../../proto/load';
import type { ArchiveWrapper } from '../archive/job';
import type { Clock } from '../base/clock';
import type { CriMessages, CriStreamCall, CriStreamMethod, CriStreamWrapper, CriWrapper } from '../base/cri-call';
import { pause } from '../base/waiting';
import { archiveEffect } from '../deviations/effects/archive-effects';
import { truncated } from '../deviations/effects/http-effects';
import { parseMilliseconds } from '../faults/duration';
import { archiveFacts, criFacts, httpFacts } from '../faults/facts';
import type { Faults } from '../faults/faults';
import type { Action } from '../faults/rule';
import type { HttpRequest, HttpResponse, HttpWrapper } from '../go/net-http/exchange';
import type { RuntimeControl } from '../runtime/control';
import { StatusError } from '../runtime/grpc/errors';

export interface FaultWrappers {
  /** Interceptor of the runtime's unary calls. It must be outermost. */
  readonly cri: CriWrapper;
  /** Interceptor of the runtime's streaming calls. A call fails before its first message or not at all. */
  readonly streams: CriStreamWrapper;
  /** Interceptor of archive writes. It must be innermost, next to the disk. */
  readonly archive: ArchiveWrapper;
  /** Interceptor of requests to the kubelet. */
  readonly http: HttpWrapper;
  /** Interceptor of requests that reach a kubelet through an API server. */
  readonly api: HttpWrapper;
}

interface FaultParts {
  readonly clock: Clock;
  /** Returns the runtime's control interface. Throws an Error if the runtime has not started. */
  readonly control: () => RuntimeControl;
}

type NextHttp = (request: HttpRequest) => Promise<HttpResponse>;

const PROXIED = /^\/api\/v1\/nodes\/[^/]+\/proxy\//;

/** Waits until the call is aborted, and rejects with the reason. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Returns the interceptors that apply the faults. The rules can be replaced at any time. */
export function faultWrappers(faults: Faults, { clock, control }: FaultParts): FaultWrappers {
  async function delay({ delay: duration }: Action, signal: AbortSignal): Promise<void> {
    if (duration !== undefined) await pause(clock, parseMilliseconds(duration) ?? 0, signal);
  }

  /** Applies the part of an action that comes before the response. Throws an error if the call must not succeed. */
  async function beforeCall(action: Action, signal: AbortSignal): Promise<void> {
    await delay(action, signal);
    if (action.abort) throw new StatusError(status[action.abort.code], action.abort.message ?? '');
    if (action.hang) return untilAborted(signal);
    if (action.disconnect) {
      control().disconnect();
      return untilAborted(signal);
    }
    if (action.restart) {
      await control().restart();
      throw new StatusError(status.UNAVAILABLE, 'the runtime was restarted');
    }
  }

  async function* stream(
    action: Action,
    call: CriStreamCall,
    next: (call: CriStreamCall) => CriMessages,
  ): AsyncGenerator<CriResponseInit<CriStreamMethod>> {
    await beforeCall(action, call.signal);
    yield* next(call);
  }

  async function answer(action: Action, request: HttpRequest, next: NextHttp): Promise<HttpResponse> {
    await delay(action, request.signal);
    if (action.hang) return untilAborted(request.signal);
    // An error of a handler ends the connection without a response, like a panic of a Go handler.
    if (action.reset) throw new Error('reset by the fault plan');
    const own: HttpResponse | undefined =
      action.status === undefined ? undefined : { status: action.status, headers: [], body: action.body ?? '' };
    const response = own ?? (await next(request));
    const answered = { ...response, body: action.body ?? response.body };
    return action.truncate === undefined ? answered : truncated(answered, action.truncate);
  }

  const http =
    (boundary: 'http' | 'api'): HttpWrapper =>
    (request, next) => {
      const action = faults.take(boundary, () => httpFacts(request));
      return action ? answer(action, request, next) : next(request);
    };
  const api = http('api');

  return {
    cri: async (call, next) => {
      const action = faults.take('cri', () => criFacts(call, control));
      if (!action) return next(call);
      await beforeCall(action, call.signal);
      const response = await next(call);
      if (action.archive === 'frozen-container' && 'container_id' in call.request)
        control().freeze(call.request.container_id);
      return response;
    },
    streams: (call, next) => {
      const action = faults.take('cri', () => criFacts(call, control));
      return action ? stream(action, call, next) : next(call);
    },
    archive: async (job, next) => {
      const action = faults.take('archive', () => archiveFacts(job, control));
      if (!action) return next(job);
      await delay(action, job.signal);
      // Ignore `frozen-container`: the interceptor of CRI calls handles it.
      if (action.archive === undefined || action.archive === 'frozen-container') return next(job);
      return archiveEffect(action.archive, clock)(job, next);
    },
    http: http('http'),
    api: (request, next) => (PROXIED.test(request.target) ? api(request, next) : next(request)),
  };
}
