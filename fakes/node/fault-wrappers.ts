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
  /** For the runtime's unary calls. It must be the outermost interceptor. */
  readonly cri: CriWrapper;
  /** For the runtime's streaming calls. A call that fails does so before its first message. */
  readonly streams: CriStreamWrapper;
  /** For archives. It must be the innermost interceptor, next to the disk. */
  readonly archive: ArchiveWrapper;
  /** For the kubelet's requests. */
  readonly http: HttpWrapper;
  /** For requests that reach a kubelet through an API server. */
  readonly api: HttpWrapper;
}

interface FaultParts {
  readonly clock: Clock;
  /** Returns the runtime's control interface. Throws if the runtime has not started. */
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

  /** Applies the part of an action that comes before the response. Throws if there must be no response. */
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
    // If a handler throws, the connection ends without a response, as it does when a Go handler panics.
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
      // The interceptor of CRI calls handles the rule that freezes the container.
      if (action.archive === undefined || action.archive === 'frozen-container') return next(job);
      return archiveEffect(action.archive, clock)(job, next);
    },
    http: http('http'),
    api: (request, next) => (PROXIED.test(request.target) ? api(request, next) : next(request)),
  };
}
