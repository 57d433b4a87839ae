// The kubelet's way to a runtime: CRI v1 over a socket, with grpc-go's deadlines and texts. The kubelet has no other.

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
import { rememberUnpacked } from '../../go/grpc/server';
import { decodeOnce } from './decode-once';
import { parseEndpoint } from './endpoint';

/** Reconnecting as the kubelet configures it (ms). */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 3000 } as const;

/** grpc-go lets the window of a connection grow with what comes; here the lists of a full node have to fit, bytes. */
const FLOW_CONTROL_WINDOW = 4 * 1024 * 1024;

const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  ...RECONNECT,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
  'grpc.enable_http_proxy': 0,
  // Another client's failures to connect are not ours.
  'grpc.use_local_subchannel_pool': 1,
};

/** grpc-go's words around those of Go's protobuf. */
const UNREADABLE = 'grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data';

const NO_ANSWER = { code: grpc.status.INTERNAL, details: 'the runtime answered without a message' };

/** How one call is made. */
export interface CallOptions {
  /** Nanoseconds until the call is given up; none: it waits for ever. */
  readonly timeout?: bigint;
  /** Aborted: the call is given up at once. */
  readonly signal?: AbortSignal;
}

/**
 * A grpc-js channel to one endpoint. Calls are made on the channel itself: bytes are sent and received, so there is
 * nothing for a client with its interceptors to do, and its share of the work of a call is not small.
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
    rememberUnpacked(this.#channel);
  }

  async send<M extends CriUnaryMethod>(
    definition: CriCallDefinition<M>,
    { request, deadlineSeconds, signal }: CriCall<M>,
  ): Promise<CriResponse<M>> {
    const metadata = new grpc.Metadata();
    // The deadline is written here and kept by the caller: grpc-js would round it, and tell of it in its own words.
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

  /** Whether the server knows a method, whose request may be an empty message. */
  knows(method: string, signal: AbortSignal): Promise<boolean> {
    return this.#answer(method, Buffer.alloc(0), new grpc.Metadata(), signal).then(
      () => true,
      () => false,
    );
  }

  /** The one message of an answer. Throws CriError. */
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

/** CRI calls with deadlines by the kubelet's clock; every call passes the wrappers. */
export class RuntimeClient {
  readonly #runtime: Channel;
  readonly #image: Channel;
  readonly #calls: (call: CriCall) => Promise<CriResponseInit<CriUnaryMethod>>;
  /** Answers as they came, which need no second look. */
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

  /** What a wrapper has changed or made up is read as if it had come over the wire. */
  #read<M extends CriUnaryMethod>(
    definition: CriCallDefinition<M>,
    response: CriResponseInit<CriUnaryMethod>,
  ): CriResponse<M> {
    return this.#untouched.has(response)
      ? (response as CriResponse<M>)
      : definition.responseDeserialize(definition.responseSerialize(response));
  }

  /** Makes one call. Throws CriError, whose message is the text of a kubelet. */
  async call<M extends CriUnaryMethod>(
    method: M,
    request: CriRequestInit<M>,
    { timeout, signal }: CallOptions = {},
  ): Promise<CriResponse<M>> {
    if (signal?.aborted) throw canceled();
    // grpc-go does not send a call that is already too late.
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
        signal?.removeEventListener('abort', permission);
      };
      const giveUp = (error: CriError) => {
        release();
        reject(error);
        abort.abort();
      };
      const permission = () => giveUp(canceled());
      const disarm =
        timeout === undefined
          ? () => {}
          : this.options.clock.after(millisecondsOf(timeout), () => giveUp(deadlineExceeded()));
      signal?.addEventListener('abort', permission);
      this.#calls(call)
        .then((response) => this.#read(definition, response))
        .then(resolve, (error: unknown) => reject(asCriError(error)))
        .finally(release);
    });
  }

  /** Whether the runtime answers to a method by its full path, of whatever service. */
  knows(method: string, signal: AbortSignal): Promise<boolean> {
    return this.#runtime.knows(method, signal);
  }

  close(): void {
    this.#runtime.close();
    if (this.#image !== this.#runtime) this.#image.close();
  }
}

/** A wrapper may fail with anything that has a code and a message. */
function asCriError(error: unknown): CriError {
  if (error instanceof CriError) return error;
  const isObject = typeof error === 'object' && error !== null;
  const code = isObject && 'code' in error && typeof error.code === 'number' ? error.code : grpc.status.UNKNOWN;
  return new CriError(code, errorText(error));
}
