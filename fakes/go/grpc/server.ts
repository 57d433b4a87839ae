// What @grpc/grpc-js must be bent for, so that clients see what a Go server gives. Its tests notice when a reason is
// gone or when the one private method used here (`_streamHandler`, grpc-js 1.14.7) has moved.
import type {
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
  ServerStreamResponseOptions,
} from 'node:http2';
import { gunzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { MAX_MESSAGE_BYTES } from '../../../proto/load';

/** Where the deadline is put out of grpc-js's sight; a header of this name from outside is dropped. */
const KEPT_TIMEOUT = 'ckptest-grpc-timeout';

/** Bytes in front of a gRPC message: whether it is compressed, and its length. */
const FRAME_HEAD = 5;

/** Where it is put that a client takes compressed messages; a header of this name from outside is dropped too. */
const TAKES_GZIP = 'ckptest-takes-gzip';

/** Seconds in one unit of a `grpc-timeout`, as the gRPC protocol over HTTP/2 lists them. */
const TIMEOUT_UNITS: Readonly<Record<string, number>> = { H: 3600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/** Go's longest duration (2^63-1 nanoseconds), in seconds; longer timeouts count as this long. */
const MAX_GO_DURATION = 2 ** 63 / 1e9;

/** A call to something that nobody registered. */
export interface UnknownCall {
  /** As in the path: `runtime.v1.RuntimeService`. */
  readonly service: string;
  readonly method: string;
  readonly deadlineSeconds: number | undefined;
  /** What it was answered, with code Unimplemented. */
  readonly details: string;
}

/**
 * A grpc-js server with these differences: Go's texts for unknown methods and services and for messages beyond
 * 16 MiB; deadlines left to the caller of `deadlineSeconds`, because grpc-js cuts them to 31 bits of milliseconds
 * and answers a passed one itself, which a Go server leaves to its client.
 */
export function createGoLikeServer(onUnknown: (call: UnknownCall) => void): grpc.Server {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // With channelz another private method takes the streams, and every server stays in a global register.
    'grpc.enable_channelz': 0,
  });
  const original: unknown = Reflect.get(server, '_streamHandler');
  const handlers: unknown = Reflect.get(server, 'handlers');
  if (typeof original !== 'function' || !(handlers instanceof Map)) {
    throw new Error('this version of @grpc/grpc-js cannot be bent: its Server has no _streamHandler or handlers');
  }
  const changed = (interceptors: unknown, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.once('error', () => {});
    const timeout = headers['grpc-timeout'];
    delete headers['grpc-timeout'];
    delete headers[KEPT_TIMEOUT];
    delete headers[TAKES_GZIP];
    const takesGzip = isGrpcJs(headers['user-agent']) && String(headers['grpc-accept-encoding']).includes('gzip');
    if (takesGzip) headers[TAKES_GZIP] = 'true';
    if (typeof timeout === 'string') {
      const fault = timeoutFault(timeout);
      if (fault !== undefined) return refuse(stream, grpc.status.INTERNAL, `malformed grpc-timeout: ${fault}`);
      headers[KEPT_TIMEOUT] = timeout;
    }
    const path = headers[':path'] ?? '';
    const isGrpc = headers['content-type']?.startsWith('application/grpc');
    if (isGrpc && !handlers.has(path)) {
      const unknown = unknownCall(path, new Set([...handlers.keys()].map((known) => splitPath(String(known)).service)));
      onUnknown({ ...unknown, deadlineSeconds: parseTimeout(timeout) });
      return refuse(stream, grpc.status.UNIMPLEMENTED, unknown.details);
    }
    withGoTexts(stream);
    if (takesGzip) withGzip(stream);
    Reflect.apply(original, server, [interceptors, stream, headers]);
  };
  Object.defineProperty(server, '_streamHandler', { value: changed });
  return server;
}

/**
 * Clients in Go do not register gzip, so none of them is answered with it: a server that compresses for whoever asks
 * would not be as theirs.
 */
const isGrpcJs = (userAgent: unknown) => /(^| )grpc-node-js\//.test(String(userAgent));

/** Whether the caller takes messages that are compressed already, as gzip. */
export const takesGzip = (metadata: grpc.Metadata): boolean => metadata.get(TAKES_GZIP).length > 0;

const GZIP_FIRST = 0x1f;
const GZIP_SECOND = 0x8b;
/** Whether the payload of a frame is gzip: a protobuf message never begins with 1f, a field of wire type 7. */
const isGzip = (frame: Buffer) => frame[FRAME_HEAD] === GZIP_FIRST && frame[FRAME_HEAD + 1] === GZIP_SECOND;

/** Marks messages that are compressed already, which grpc-js's server does not know of. */
function withGzip(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (headers, options) => respond({ ...headers, 'grpc-encoding': 'gzip' }, options);
  const write: (frame: Buffer, done?: (error: Error | null | undefined) => void) => boolean = stream.write.bind(stream);
  const marked = (frame: Buffer, done?: (error: Error | null | undefined) => void) => {
    if (isGzip(frame)) frame.writeUInt8(1, 0);
    return write(frame, done);
  };
  Object.defineProperty(stream, 'write', { value: marked });
}

/** Unpacked messages that a client remembers. */
const REMEMBERED = 4;

/**
 * Lets a channel remember the latest compressed messages: grpc-js unpacks each through a stream of its own, which costs
 * more than the whole call where the same long list is sent again and again.
 */
export function rememberUnpacked(channel: grpc.ChannelInterface): void {
  const internal: unknown = Reflect.get(channel, 'internalChannel');
  const factory: unknown = typeof internal === 'object' && internal && Reflect.get(internal, 'filterStackFactory');
  const factories: unknown = typeof factory === 'object' && factory && Reflect.get(factory, 'factories');
  if (!Array.isArray(factories))
    throw new Error('this version of @grpc/grpc-js cannot be bent: its channels have no filterStackFactory');
  const remembered: { readonly packed: Buffer; readonly unpacked: Buffer }[] = [];
  const unpacked = (packed: Buffer): Buffer => {
    const known = remembered.find((one) => one.packed.equals(packed));
    if (known) return known.unpacked;
    const message = gunzipSync(packed.subarray(FRAME_HEAD), { maxOutputLength: MAX_MESSAGE_BYTES });
    const frame = Buffer.allocUnsafeSlow(FRAME_HEAD + message.length);
    frame.writeUInt8(0, 0);
    frame.writeUInt32BE(message.length, 1);
    message.copy(frame, FRAME_HEAD);
    remembered.unshift({ packed, unpacked: frame });
    remembered.length = Math.min(remembered.length, REMEMBERED);
    return frame;
  };
  class Unpacking extends grpc.experimental.BaseFilter {
    override async receiveMessage(message: Promise<Buffer>): Promise<Buffer> {
      const frame = await message;
      // What cannot be unpacked is left to grpc-js, which has the words for it.
      return frame[0] === 1 && isGzip(frame) ? tryOr(() => unpacked(frame), frame) : frame;
    }
  }
  // The last one sees what comes first, before grpc-js's own unpacks it.
  factories.push({ createFilter: () => new Unpacking() });
}

function tryOr<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}

/** Seconds from the start of the call to its deadline; undefined where the caller set none. */
export function deadlineSeconds(metadata: grpc.Metadata): number | undefined {
  return parseTimeout(metadata.get(KEPT_TIMEOUT)[0]);
}

function parseTimeout(timeout: unknown): number | undefined {
  if (typeof timeout !== 'string') return undefined;
  const amount = Number(timeout.slice(0, -1));
  const unit = timeout.slice(-1);
  // Thousandths and less are divided, not multiplied: 1.1 s is 1.1, not 1.1000000000000001.
  const factor = TIMEOUT_UNITS[unit] ?? 1;
  const seconds = factor < 1 ? amount / Math.round(1 / factor) : amount * factor;
  return Math.min(seconds, MAX_GO_DURATION);
}

/** What grpc-go says of a `grpc-timeout` that it cannot read; undefined where it can. */
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

/** grpc-go's texts for what nobody registered. */
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

/** grpc-js's sentences about the size limit, and Go's. */
const SIZE_TEXTS: readonly { ours: RegExp; go: (bytes: number, limit: string) => string }[] = [
  {
    ours: /^Received message larger than max \((\d+) vs (\d+)\)$/,
    go: (bytes, limit) => `grpc: received message larger than max (${bytes} vs. ${limit})`,
  },
  {
    // grpc-js counts the five bytes of the frame's head in.
    ours: /^Sent message larger than max \((\d+) vs\. (\d+)\)$/,
    go: (bytes, limit) => `grpc: trying to send message larger than max (${bytes - 5} vs. ${limit})`,
  },
];

/** Rewrites the status that grpc-js sends of its own accord where a message is too large. */
function withGoTexts(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (headers?: OutgoingHttpHeaders, options?: ServerStreamResponseOptions) => {
    const message = headers?.['grpc-message'];
    if (headers?.['grpc-status'] !== grpc.status.RESOURCE_EXHAUSTED || typeof message !== 'string') {
      respond(headers, options);
      return;
    }
    const text = decodeURI(message);
    const found = SIZE_TEXTS.map(({ ours, go }) => ({ match: ours.exec(text), go })).find(({ match }) => match);
    const go = found?.match ? found.go(Number(found.match[1]), found.match[2] ?? '') : text;
    respond({ ...headers, 'grpc-message': encodeURI(go) }, options);
  };
}
