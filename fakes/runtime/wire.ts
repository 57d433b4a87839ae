// Between gRPC and the answers: deadlines and callers that leave, wrappers, the call log, statuses.
import { type handleServerStreamingCall, type handleUnaryCall, type Server, status } from '@grpc/grpc-js';
import { type CriRequest, type CriResponseInit, type CriUnaryMethod, cri } from '../../proto/load';
import type { Clock } from '../clock';
import { deadlineSeconds } from '../node-bends';
import { type CriCall, type CriWrapper, chain } from '../wires';
import type { CallLog } from './call-log';
import type { Answers } from './calls';
import { grpcStatus } from './errors';
import { Refusal } from './refusal';
import type { RuntimeSettings } from './settings';

type Request = CriRequest<CriUnaryMethod>;
type Response = CriResponseInit<CriUnaryMethod>;

/**
 * How long a caller has after its deadline to leave by itself (milliseconds). A Go server answers a passed deadline
 * too, but its Go clients have always gone before; others would see an answer where they expect their own error.
 */
const AFTER_DEADLINE_MS = 1000;

/** How long the end of the runtime waits for calls that do not heed their signal (milliseconds). */
const LONGEST_ENDING_MS = 2000;

export interface WireParts {
  readonly answers: Answers;
  readonly wrappers: readonly CriWrapper[];
  readonly log: CallLog;
  readonly clock: Clock;
  readonly settings: RuntimeSettings;
}

const notImplemented = (method: string) => new Refusal('not-implemented', `method ${method} not implemented`);

/** Serves the CRI services on a gRPC server. */
export class Wire {
  readonly #parts: WireParts;
  readonly #dispatch: (call: CriCall) => Promise<Response>;
  readonly #running = new Set<AbortController>();
  readonly #ending = new Set<Promise<void>>();
  readonly #graces = new Set<() => void>();

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.#dispatch = chain<CriCall, Response>(parts.wrappers, async (call) => {
      const answer = parts.settings.unimplementedMethods.includes(call.method) ? undefined : parts.answers[call.method];
      if (!answer) throw notImplemented(call.method);
      return (answer as (call: CriCall) => Response | Promise<Response>)(call);
    });
  }

  /** Registers all calls of the API but those that the settings make unknown. */
  register(server: Server): void {
    const { RuntimeService, ImageService } = cri();
    const services = { RuntimeService: RuntimeService.service, ImageService: ImageService.service };
    for (const name of this.#parts.settings.services) {
      for (const [method, { path, requestDeserialize, responseSerialize, responseStream }] of Object.entries(
        services[name],
      )) {
        if (this.#parts.settings.unknownMethods.some((unknown) => unknown === method)) continue;
        const handler = responseStream ? this.#stream(name, method) : this.#unary(name, method as CriUnaryMethod);
        server.register(
          path,
          handler,
          responseSerialize,
          requestDeserialize,
          responseStream ? 'serverStream' : 'unary',
        );
      }
    }
  }

  /** Aborts what is running and waits for its end, so that it can tidy up; no timer is left. */
  async close(): Promise<void> {
    for (const controller of this.#running) {
      controller.abort(new Refusal('caller-gone', 'the runtime is shutting down'));
    }
    for (const cancel of this.#graces) cancel();
    this.#graces.clear();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_ENDING_MS);
    });
    await Promise.race([Promise.all(this.#ending), patience]);
    clearTimeout(timer);
  }

  #unary(service: string, method: CriUnaryMethod): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const { clock, log } = this.#parts;
      const seconds = deadlineSeconds(call.metadata);
      const end = log.begin({ service, method, request: call.request, deadlineSeconds: seconds });
      const controller = new AbortController();
      this.#running.add(controller);
      let late = false;
      let forget = () => {};
      const onDeadline = () => {
        late = true;
        controller.abort(new Refusal('deadline-passed', 'context deadline exceeded'));
      };
      const cancel = seconds === undefined ? () => {} : clock.after(seconds * 1000, onDeadline);
      // grpc-js says so after every answer, too.
      call.once('cancelled', () => {
        if (this.#running.has(controller)) controller.abort(new Refusal('caller-gone', 'context canceled'));
        forget();
      });
      const finish = (answer: () => void) => {
        cancel();
        this.#running.delete(controller);
        if (!late) return answer();
        const stop = clock.after(AFTER_DEADLINE_MS, () => {
          this.#graces.delete(stop);
          answer();
        });
        this.#graces.add(stop);
        forget = () => {
          stop();
          this.#graces.delete(stop);
        };
      };
      const { signal } = controller;
      const ending = this.#dispatch({ method, request: call.request, deadlineSeconds: seconds, signal }).then(
        (response) => {
          end({ response });
          finish(() => callback(null, response));
        },
        (error: unknown) => {
          const { code, details } = grpcStatus(error);
          end({ error: { code: status[code], message: details } });
          finish(() => callback({ code, details }));
        },
      );
      this.#ending.add(ending);
      void ending.finally(() => this.#ending.delete(ending));
    };
  }

  /** No stream is served yet. */
  #stream(service: string, method: string): handleServerStreamingCall<object, object> {
    return (call) => {
      const { code, details } = grpcStatus(notImplemented(method));
      const end = this.#parts.log.begin({
        service,
        method,
        request: call.request,
        deadlineSeconds: deadlineSeconds(call.metadata),
      });
      end({ error: { code: status[code], message: details } });
      call.emit('error', { code, details });
    };
  }
}
