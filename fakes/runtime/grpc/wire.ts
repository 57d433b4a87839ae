// Serves CRI calls over gRPC: passes each call through the interceptors to its handler, and logs it.
import { type handleServerStreamingCall, type handleUnaryCall, type Server, status } from '@grpc/grpc-js';
import { type CriMethod, type CriRequest, type CriResponseInit, type CriUnaryMethod, cri } from '../../../proto/load';
import { chain } from '../../base/chain';
import type { Clock } from '../../base/clock';
import {
  type CriCall,
  type CriSocket,
  type CriStreamMethod,
  type CriStreamWrapper,
  type CriWrapper,
  chainStreams,
} from '../../base/cri-call';
import { RuntimeError } from '../state/runtime-error';
import type { RuntimeSettings } from '../state/settings';
import { CallLives } from './call-life';
import type { CallLog } from './call-log';
import type { StreamHandlers, UnaryHandlers } from './calls';
import { EncodedResponse, type HandlerResponse, serializerFor } from './encoded-response';
import { grpcStatus } from './errors';

type Request = CriRequest<CriMethod>;
type Message = CriResponseInit<CriStreamMethod>;

/** The parts of a Wire. */
export interface WireParts {
  readonly unaryHandlers: UnaryHandlers;
  readonly streamHandlers: StreamHandlers;
  readonly wrappers: readonly CriWrapper[];
  readonly streamWrappers: readonly CriStreamWrapper[];
  readonly log: CallLog;
  readonly clock: Clock;
  readonly settings: RuntimeSettings;
}

const notImplemented = (method: string) => new RuntimeError('not-implemented', `method ${method} not implemented`);

/** Resolves when the stream accepts more data. Rejects with the signal's reason on abort. */
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
  readonly #dispatch: (call: CriCall) => Promise<HandlerResponse<CriUnaryMethod>>;

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.#lives = new CallLives(parts.clock);
    // Interceptors read an encoded response as the message that it stands for.
    this.#dispatch = chain(parts.wrappers, (call) => this.#handle(call) as Promise<CriResponseInit<CriUnaryMethod>>);
  }

  /**
   * Registers the calls of the API for the server behind one socket. Omits the calls that the settings list as unknown.
   */
  register(server: Server, socket: CriSocket): void {
    const { RuntimeService, ImageService } = cri();
    const services = { RuntimeService: RuntimeService.service, ImageService: ImageService.service };
    for (const name of this.#parts.settings.services) {
      for (const [method, definition] of Object.entries(services[name])) {
        if (this.#parts.settings.unknownMethods.some((unknown) => unknown === method)) continue;
        const { path, requestDeserialize, responseSerialize, responseStream } = definition;
        if (responseStream) {
          const serialize = responseSerialize as (message: Message) => Buffer;
          const handler = this.#stream(name, method as CriStreamMethod);
          server.register(path, handler, serialize, requestDeserialize, 'serverStream');
        } else {
          const serialize = serializerFor(responseSerialize as (message: object) => Buffer);
          server.register(
            path,
            this.#unary(name, method as CriUnaryMethod, socket),
            serialize,
            requestDeserialize,
            'unary',
          );
        }
      }
    }
  }

  /** The number of calls without a complete response, including streams. */
  get running(): number {
    return this.#lives.running;
  }

  /** Aborts all running calls and waits until they have cleaned up. Leaves no timer behind. */
  close(): Promise<void> {
    return this.#lives.close();
  }

  #implements(method: CriMethod): boolean {
    return !this.#parts.settings.unimplementedMethods.includes(method);
  }

  async #handle(call: CriCall): Promise<HandlerResponse<CriUnaryMethod>> {
    const handler = this.#implements(call.method) ? this.#parts.unaryHandlers[call.method] : undefined;
    if (!handler) throw notImplemented(call.method);
    return (handler as (call: CriCall) => HandlerResponse<CriUnaryMethod>)(call);
  }

  #unary(
    service: string,
    method: CriUnaryMethod,
    socket: CriSocket,
  ): handleUnaryCall<CriRequest<CriUnaryMethod>, HandlerResponse<CriUnaryMethod>> {
    return (call, callback) => {
      const { request } = call;
      const life = this.#lives.begin(call);
      const { deadlineSeconds } = life;
      const end = this.#parts.log.begin({ service, method, request, deadlineSeconds });
      const criCall: CriCall = {
        method,
        request,
        deadlineSeconds,
        socket,
        get signal() {
          return life.signal;
        },
      };
      const work = this.#dispatch(criCall).then(
        (response) => {
          end({ response: response instanceof EncodedResponse ? response.logged : response });
          life.end(() => callback(null, response));
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
      if (!this.#implements(call.method)) throw notImplemented(call.method);
      return this.#parts.streamHandlers[method](call);
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
