// A gRPC server that behaves like the server of grpc-go. It hides the known differences of @grpc/grpc-js 1.14.7.
//
// It uses two private members of grpc-js's Server: it replaces the method `_streamHandler`, which receives every new
// HTTP/2 stream, and reads the map `handlers` of registered methods. It also replaces `respond` of each stream. The
// tests fail if a difference no longer exists or if a private member has moved.
import type {
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
  ServerStreamResponseOptions,
} from 'node:http2';
import * as grpc from '@grpc/grpc-js';
import { MAX_MESSAGE_BYTES } from '../../../proto/load';

/**
 * The header that replaces `grpc-timeout`, to hide the client's deadline from grpc-js. If a client sends a header with
 * this name, it is dropped.
 */
const HIDDEN_TIMEOUT = 'ckptest-grpc-timeout';

/** Seconds in each unit of `grpc-timeout`, from the specification of gRPC over HTTP/2. */
const TIMEOUT_UNITS: Readonly<Record<string, number>> = { H: 3600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/** Go's maximum duration (2^63-1 nanoseconds), in seconds. grpc-go reduces longer timeouts to it. */
const MAX_GO_DURATION = 2 ** 63 / 1e9;

/** A call to a method or service that is not registered. */
export interface UnknownCall {
  /** The name in the path, such as `runtime.v1.RuntimeService`. */
  readonly service: string;
  readonly method: string;
  readonly deadlineSeconds: number | undefined;
  /** The message of the response, whose code is Unimplemented. */
  readonly details: string;
}

/**
 * Creates a grpc-js server that behaves like grpc-go's in two ways. It has Go's messages for unknown methods and
 * services, malformed timeouts and messages over 16 MiB. It does not enforce deadlines: handlers read them with
 * `deadlineSeconds`. grpc-js would truncate a deadline to 31 bits of milliseconds and respond when it passes. A Go
 * server lets the client end the call.
 * @param onUnknown called for every call to a method or service that is not registered
 * @throws Error if the installed grpc-js has no `_streamHandler` or `handlers`
 */
export function createGoLikeServer(onUnknown: (call: UnknownCall) => void): grpc.Server {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // With channelz, grpc-js uses another private method and keeps every server in a global registry.
    'grpc.enable_channelz': 0,
  });
  const original: unknown = Reflect.get(server, '_streamHandler');
  const handlers: unknown = Reflect.get(server, 'handlers');
  if (typeof original !== 'function' || !(handlers instanceof Map)) {
    throw new Error(
      'this version of @grpc/grpc-js is not supported, because its Server has no _streamHandler or handlers: install 1.14.7',
    );
  }
  const changed = (interceptors: unknown, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.once('error', () => {});
    const timeout = headers['grpc-timeout'];
    delete headers['grpc-timeout'];
    delete headers[HIDDEN_TIMEOUT];
    if (typeof timeout === 'string') {
      const fault = timeoutFault(timeout);
      if (fault !== undefined) return refuse(stream, grpc.status.INTERNAL, `malformed grpc-timeout: ${fault}`);
      headers[HIDDEN_TIMEOUT] = timeout;
    }
    const path = headers[':path'] ?? '';
    const isGrpc = headers['content-type']?.startsWith('application/grpc');
    if (isGrpc && !handlers.has(path)) {
      const unknown = unknownCall(path, new Set([...handlers.keys()].map((known) => splitPath(String(known)).service)));
      onUnknown({ ...unknown, deadlineSeconds: parseTimeout(timeout) });
      return refuse(stream, grpc.status.UNIMPLEMENTED, unknown.details);
    }
    useGoTexts(stream);
    Reflect.apply(original, server, [interceptors, stream, headers]);
  };
  Object.defineProperty(server, '_streamHandler', { value: changed });
  return server;
}

/**
 * Returns the time from the start of the call to its deadline.
 *
 * @returns seconds, or undefined if the client set no deadline
 */
export function deadlineSeconds(metadata: grpc.Metadata): number | undefined {
  return parseTimeout(metadata.get(HIDDEN_TIMEOUT)[0]);
}

function parseTimeout(timeout: unknown): number | undefined {
  if (typeof timeout !== 'string') return undefined;
  const amount = Number(timeout.slice(0, -1));
  const unit = timeout.slice(-1);
  // Divide by 1000: multiplying by 0.001 would give 1.1000000000000001 for 1100 ms.
  const factor = TIMEOUT_UNITS[unit] ?? 1;
  const seconds = factor < 1 ? amount / Math.round(1 / factor) : amount * factor;
  return Math.min(seconds, MAX_GO_DURATION);
}

/** Returns grpc-go's message for a malformed `grpc-timeout`, or undefined if it is well-formed. */
function timeoutFault(timeout: string): string | undefined {
  if (timeout.length < 2) return `transport: timeout string is too short: ${JSON.stringify(timeout)}`;
  if (timeout.length > 9) return `transport: timeout string is too long: ${JSON.stringify(timeout)}`;
  if (!(timeout.slice(-1) in TIMEOUT_UNITS)) {
    return `transport: timeout unit is not recognized: ${JSON.stringify(timeout)}`;
  }
  const amount = timeout.slice(0, -1);
  return /^\d+$/.test(amount) ? undefined : `strconv.ParseUint: parsing ${JSON.stringify(amount)}: invalid syntax`;
}

function splitPath(path: string): { service: string; method: string } {
  const slash = path.lastIndexOf('/');
  return { service: path.slice(1, slash), method: path.slice(slash + 1) };
}

/** Returns the service and the method of an unregistered path, with grpc-go's message for it. */
function unknownCall(path: string, services: ReadonlySet<string>): Omit<UnknownCall, 'deadlineSeconds'> {
  if (!path.slice(1).includes('/')) {
    return { service: '', method: path, details: `malformed method name: ${JSON.stringify(path)}` };
  }
  const { service, method } = splitPath(path);
  const details = services.has(service)
    ? `unknown method ${method} for service ${service}`
    : `unknown service ${service}`;
  return { service, method, details };
}

function refuse(stream: ServerHttp2Stream, code: grpc.status, details: string): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURI(details),
    },
    { endStream: true },
  );
  stream.resume();
}

/** Messages about the size limit: grpc-js's, and grpc-go's for the same failure. */
const SIZE_TEXTS: readonly { grpcJs: RegExp; go: (bytes: number, limit: string) => string }[] = [
  {
    grpcJs: /^Received message larger than max \((\d+) vs (\d+)\)$/,
    go: (bytes, limit) => `grpc: received message larger than max (${bytes} vs. ${limit})`,
  },
  {
    // grpc-js includes the five bytes of the frame header, but Go does not.
    grpcJs: /^Sent message larger than max \((\d+) vs\. (\d+)\)$/,
    go: (bytes, limit) => `grpc: trying to send message larger than max (${bytes - 5} vs. ${limit})`,
  },
];

/** Replaces grpc-js's status message for a message that is too large with Go's message. */
function useGoTexts(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (headers?: OutgoingHttpHeaders, options?: ServerStreamResponseOptions) => {
    const message = headers?.['grpc-message'];
    if (headers?.['grpc-status'] !== grpc.status.RESOURCE_EXHAUSTED || typeof message !== 'string') {
      respond(headers, options);
      return;
    }
    const text = decodeURI(message);
    const found = SIZE_TEXTS.map(({ grpcJs, go }) => ({ match: grpcJs.exec(text), go })).find(({ match }) => match);
    const go = found?.match ? found.go(Number(found.match[1]), found.match[2] ?? '') : text;
    respond({ ...headers, 'grpc-message': encodeURI(go) }, options);
  };
}
