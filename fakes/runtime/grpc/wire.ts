// Between gRPC and the answers: wrappers, the call log, statuses, streams at the pace of their readers.
import { type handleServerStreamingCall, type handleUnaryCall, type Server, status } from '@grpc/grpc-js';
import { type CriMethod, type CriRequest, type CriResponseInit, type CriUnaryMethod, cri } from '../../../proto/load';
import { chain } from '../../base/chain';
import type { Clock } from '../../base/clock';
import {
  type CriCall,
  type CriStreamMethod,
  type CriStreamWrapper,
  type CriWrapper,
  chainStreams,
} from '../../base/cri-call';
import { takesGzip } from '../../go/grpc/server';
import { RuntimeError } from '../state/runtime-error';
import type { RuntimeSettings } from '../state/settings';
import { CallLives } from './call-life';
import type { CallLog } from './call-log';
import type { Answers, Streams } from './calls';
import { packedIfThere, takingBytes } from './encoded';
import { grpcStatus } from './errors';

type Request = CriRequest<CriMethod>;
type Response = CriResponseInit<CriUnaryMethod>;
type Message = CriResponseInit<CriStreamMethod>;

export interface WireParts {
  readonly answers: Answers;
  readonly streams: Streams;
  readonly wrappers: readonly CriWrapper[];
  readonly streamWrappers: readonly CriStreamWrapper[];
  readonly log: CallLog;
  readonly clock: Clock;
  readonly settings: RuntimeSettings;
}

const notImplemented = (method: string) => new RuntimeError('not-implemented', `method ${method} not implemented`);

/** Settles when a stream takes more; rejects with the reason of an abort. */
function drained(stream: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const settle = (act: () => void) => () => {
      stream.off('drain', onDrain);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onDrain = settle(resolve);
    const onAbort = settle(() => reject(signal.reason));
    stream.on('drain', onDrain);
    signal.addEventListener('abort', onAbort);
  });
}

/** Serves the CRI services on a gRPC server. */
export class Wire {
  readonly #parts: WireParts;
  readonly #lives: CallLives;
  readonly #dispatch: (call: CriCall) => Promise<Response>;

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.#lives = new CallLives(parts.clock);
    this.#dispatch = chain<CriCall, Response>(parts.wrappers, async (call) => {
      const answer = this.#offers(call.method) ? parts.answers[call.method] : undefined;
      if (!answer) throw notImplemented(call.method);
      return (answer as (call: CriCall) => Response | Promise<Response>)(call);
    });
  }

  /** Registers all calls of the API but those that the settings make unknown. */
  register(server: Server): void {
    const { RuntimeService, ImageService } = cri();
    const services = { RuntimeService: RuntimeService.service, ImageService: ImageService.service };
    for (const name of this.#parts.settings.services) {
      for (const [method, definition] of Object.entries(services[name])) {
        if (this.#parts.settings.unknownMethods.some((unknown) => unknown === method)) continue;
        const { path, requestDeserialize, responseSerialize, responseStream } = definition;
        const serialize = takingBytes(responseSerialize as (message: object) => Buffer);
        if (responseStream) {
          server.register(
            path,
            this.#stream(name, method as CriStreamMethod),
            serialize,
            requestDeserialize,
            'serverStream',
          );
        } else {
          server.register(path, this.#unary(name, method as CriUnaryMethod), serialize, requestDeserialize, 'unary');
        }
      }
    }
  }

  /** Calls that are not answered yet, streams among them. */
  get running(): number {
    return this.#lives.running;
  }

  /** Aborts what is running and waits for its end, so that it can tidy up; no timer is left. */
  close(): Promise<void> {
    return this.#lives.close();
  }

  #offers(method: CriMethod): boolean {
    return !this.#parts.settings.unimplementedMethods.includes(method);
  }

  #unary(service: string, method: CriUnaryMethod): handleUnaryCall<CriRequest<CriUnaryMethod>, Response> {
    return (call, callback) => {
      const { request } = call;
      const life = this.#lives.begin(call);
      const { deadlineSeconds } = life;
      const end = this.#parts.log.begin({ service, method, request, deadlineSeconds });
      const criCall: CriCall = {
        method,
        request,
        deadlineSeconds,
        get signal() {
          return life.signal;
        },
      };
      const work = this.#dispatch(criCall).then(
        (response) => {
          end({ response });
          life.end(() => callback(null, takesGzip(call.metadata) ? packedIfThere(response) : response));
        },
        (error: unknown) => {
          const { code, details } = grpcStatus(error);
          end({ error: { code: status[code], message: details } });
          life.end(() => callback({ code, details }));
        },
      );
      this.#lives.follow(work);
    };
  }

  #stream(service: string, method: CriStreamMethod): handleServerStreamingCall<Request, Message> {
    const open = chainStreams(this.#parts.streamWrappers, (call) => {
      if (!this.#offers(call.method)) throw notImplemented(call.method);
      return this.#parts.streams[method](call);
    });
    return (call) => {
      const request = call.request as CriRequest<CriStreamMethod>;
      const life = this.#lives.begin(call);
      const { deadlineSeconds, signal } = life;
      const end = this.#parts.log.begin({ service, method, request, deadlineSeconds });
      const send = async () => {
        let messages = 0;
        try {
          for await (const message of open({ method, request, deadlineSeconds, signal })) {
            messages += 1;
            if (!call.write(message)) await drained(call, signal);
            signal.throwIfAborted();
          }
          end({ response: { messages } });
          life.end(() => call.end());
        } catch (error) {
          const { code, details } = grpcStatus(error);
          end({ error: { code: status[code], message: details } });
          life.end(() => call.emit('error', { code, details }));
        }
      };
      this.#lives.follow(send());
    };
  }
}
