// The kubelet's CRI v1 client, with the deadlines and error texts of grpc-go. The kubelet calls the runtime only
// through this client.
import * as grpc from '@grpc/grpc-js';
import {
  type CriCallDefinition,
  type CriRequestInit,
  type CriResponse,
  type CriResponseInit,
  type CriUnaryMethod,
  criCall,
  MAX_MESSAGE_BYTES,
} from '../../../proto/load';
import { chain } from '../../base/chain';
import type { Clock } from '../../base/clock';
import type { CriCall, CriWrapper } from '../../base/cri-call';
import { errorText } from '../../base/error-text';
import { grpcTimeout, millisecondsOf } from '../../go/duration';
import { CriError, canceled, type DialTarget, deadlineExceeded, toCriError } from '../../go/grpc/errors';
import { decodeOnce } from './decode-once';
import { parseEndpoint } from './endpoint';

/** The times between a kubelet client's attempts to reconnect, milliseconds. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 3000 } as const;

/**
 * Flow control window of a connection, bytes. grpc-go enlarges the window as needed. This window is fixed and large
 * enough for the lists of a full node.
 */
const FLOW_CONTROL_WINDOW = 4 * 1024 * 1024;

const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  ...RECONNECT,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
  'grpc.enable_http_proxy': 0,
  // Without this option, a failed connection of another client in this process would delay this client.
  'grpc.use_local_subchannel_pool': 1,
};

/** The error text of grpc-go and Go's protobuf for a message that cannot be decoded. */
const UNREADABLE = 'grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data';

const NO_ANSWER = { code: grpc.status.INTERNAL, details: 'the runtime sent a response without a message' };

/** Limits of one call. */
export interface CriCallOptions {
  /** Timeout of the call, nanoseconds. Default: no limit. */
  readonly timeout?: bigint;
  /** The call fails when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * A grpc-js channel to one endpoint. The channel sends and receives bytes without a grpc-js client, whose unused
 * interceptors would make calls much slower.
 */
class Channel {
  readonly #channel: grpc.ChannelInterface;
  readonly target: DialTarget;
  readonly #decode = decodeOnce();

  constructor(endpoint: string) {
    this.target = parseEndpoint(endpoint);
    const { network, address } = this.target;
    const uri = network === 'unix' ? `unix://${address}` : `dns:///${address}`;
    this.#channel = new grpc.Channel(uri, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
  }

  async send<M extends CriUnaryMethod>(
    definition: CriCallDefinition<M>,
    { request, deadlineSeconds, signal }: CriCall<M>,
  ): Promise<CriResponse<M>> {
    const metadata = new grpc.Metadata();
    // grpc-js would round the deadline and use its own error text. So the deadline is sent here, and the caller
    // enforces it.
    if (deadlineSeconds !== undefined) {
      metadata.set('grpc-timeout', grpcTimeout(BigInt(Math.round(deadlineSeconds * 1e9))));
    }
    const answer = await this.#answer(definition.path, definition.requestSerialize(request), metadata, signal);
    try {
      return this.#decode(definition, answer);
    } catch {
      throw new CriError(grpc.status.INTERNAL, UNREADABLE);
    }
  }

  /** Returns whether the server implements a method. Calls the method with an empty message to find out. */
  knows(method: string, signal: AbortSignal): Promise<boolean> {
    return this.#answer(method, Buffer.alloc(0), new grpc.Metadata(), signal).then(
      () => true,
      () => false,
    );
  }

  /** Makes a call and returns the message of the response. Throws CriError. */
  #answer(method: string, request: Buffer, metadata: grpc.Metadata, signal: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const call = this.#channel.createCall(method, Number.POSITIVE_INFINITY, undefined, null, undefined);
      const cancel = () => call.cancelWithStatus(grpc.status.CANCELLED, 'Cancelled on client');
      let message: Buffer | undefined;
      call.start(metadata, {
        onReceiveMetadata: () => {},
        onReceiveMessage: (bytes: Buffer) => {
          message = bytes;
        },
        onReceiveStatus: (status) => {
          signal.removeEventListener('abort', cancel);
          if (status.code === grpc.status.OK && message) resolve(message);
          else reject(toCriError(status.code === grpc.status.OK ? NO_ANSWER : status, this.target));
        },
      });
      call.startRead();
      call.sendMessageWithContext({}, request);
      call.halfClose();
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel);
    });
  }

  close(): void {
    this.#channel.close();
  }
}

/** Makes CRI calls whose deadlines follow the kubelet's clock. Every call passes through the interceptors. */
export class RuntimeClient {
  readonly #runtime: Channel;
  readonly #image: Channel;
  readonly #calls: (call: CriCall) => Promise<CriResponseInit<CriUnaryMethod>>;
  /** Responses that no interceptor replaced, which do not have to be decoded again. */
  readonly #untouched = new WeakSet<object>();

  constructor(
    readonly options: {
      readonly runtimeEndpoint: string;
      readonly imageEndpoint?: string | undefined;
      readonly wrappers: readonly CriWrapper[];
      readonly clock: Clock;
    },
  ) {
    this.#runtime = new Channel(options.runtimeEndpoint);
    this.#image = options.imageEndpoint ? new Channel(options.imageEndpoint) : this.#runtime;
    this.#calls = chain(options.wrappers, (call) => this.#send(call));
  }

  async #send<M extends CriUnaryMethod>(call: CriCall<M>): Promise<CriResponse<M>> {
    const definition = criCall(call.method);
    const response = await (definition.service === 'ImageService' ? this.#image : this.#runtime).send(definition, call);
    this.#untouched.add(response);
    return response;
  }

  /** Encodes and decodes a response from an interceptor, so that it has the same form as a response of the runtime. */
  #read<M extends CriUnaryMethod>(
    definition: CriCallDefinition<M>,
    response: CriResponseInit<CriUnaryMethod>,
  ): CriResponse<M> {
    return this.#untouched.has(response)
      ? (response as CriResponse<M>)
      : definition.responseDeserialize(definition.responseSerialize(response));
  }

  /**
   * Makes one call.
   * @param method name of the method, without its service
   * @returns the response
   * @throws CriError with the error text that a kubelet prints
   */
  async call<M extends CriUnaryMethod>(
    method: M,
    request: CriRequestInit<M>,
    { timeout, signal }: CriCallOptions = {},
  ): Promise<CriResponse<M>> {
    if (signal?.aborted) throw canceled();
    // grpc-go does not send a call whose deadline has passed.
    if (timeout !== undefined && timeout <= 0n) throw deadlineExceeded();
    const definition = criCall(method);
    const abort = new AbortController();
    const call: CriCall<M> = {
      method,
      request: definition.requestDeserialize(definition.requestSerialize(request)),
      deadlineSeconds: timeout === undefined ? undefined : millisecondsOf(timeout) / 1000,
      signal: abort.signal,
    };
    return await new Promise<CriResponse<M>>((resolve, reject) => {
      const release = () => {
        disarm();
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (error: CriError) => {
        release();
        reject(error);
        abort.abort();
      };
      const onAbort = () => giveUp(canceled());
      const disarm =
        timeout === undefined
          ? () => {}
          : this.options.clock.after(millisecondsOf(timeout), () => giveUp(deadlineExceeded()));
      signal?.addEventListener('abort', onAbort);
      this.#calls(call)
        .then((response) => this.#read(definition, response))
        .then(resolve, (error: unknown) => reject(asCriError(error)))
        .finally(release);
    });
  }

  /**
   * Returns whether the runtime implements a method of any service.
   * @param method full path, such as `/runtime.v1.RuntimeService/Version`
   */
  knows(method: string, signal: AbortSignal): Promise<boolean> {
    return this.#runtime.knows(method, signal);
  }

  /** Closes the connections. */
  close(): void {
    this.#runtime.close();
    if (this.#image !== this.#runtime) this.#image.close();
  }
}

/** Converts the error of an interceptor, which may be anything with a code and a message. */
function asCriError(error: unknown): CriError {
  if (error instanceof CriError) return error;
  const isObject = typeof error === 'object' && error !== null;
  const code = isObject && 'code' in error && typeof error.code === 'number' ? error.code : grpc.status.UNKNOWN;
  return new CriError(code, errorText(error));
}
