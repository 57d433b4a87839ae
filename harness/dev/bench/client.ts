// A minimal client of a runtime for the benchmark. It uses HTTP/2 directly, because a complete gRPC client would use
// more CPU time than the runtime that is measured.
import { type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import net from 'node:net';
import {
  type CriMethod,
  type CriRequestInit,
  type CriResponse,
  type CriUnaryMethod,
  criCall,
} from '../../../proto/load';

/** Number of bytes before a gRPC message: a flag for compression, and the length. */
const HEAD = 5;
/** Flow control window, bytes. gRPC for Go increases its window to the same size for large responses. */
const WINDOW = 16 * 1024 * 1024;

export interface BenchClient {
  call<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>): Promise<CriResponse<M>>;
  /**
   * Returns the size of a response, bytes. The response is not decoded, so that the work of the client is not measured.
   */
  bytesOf<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>): Promise<number>;
  /** Calls `seen` for each event. */
  events(seen: () => void): void;
  close(): void;
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + message.length);
  frame.writeUInt8(0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, HEAD);
  return frame;
}

/** Calls `seen` for each complete message of a stream. */
function countMessages(stream: ClientHttp2Stream, seen: () => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    bytes = bytes.length > 0 ? Buffer.concat([bytes, chunk]) : chunk;
    while (bytes.length >= HEAD && bytes.length >= HEAD + bytes.readUInt32BE(1)) {
      bytes = bytes.subarray(HEAD + bytes.readUInt32BE(1));
      seen();
    }
  });
}

export function connectToRuntime(endpoint: string): BenchClient {
  const session = connectHttp2('http://localhost', {
    createConnection: () => net.connect(endpoint.replace('unix://', '')),
    settings: { initialWindowSize: WINDOW },
  });
  session.on('error', () => {});
  session.once('connect', () => session.setLocalWindowSize(WINDOW));

  const open = (method: CriMethod, message: Buffer): ClientHttp2Stream => {
    const stream = session.request({
      ':method': 'POST',
      ':path': criCall(method).path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(framed(message));
    return stream;
  };
  const chunksOf = <M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>): Promise<Buffer[]> =>
    new Promise((resolve, reject) => {
      const stream = open(method, criCall(method).requestSerialize(request));
      const chunks: Buffer[] = [];
      let code: unknown;
      let text: unknown;
      const onHeaders = (headers: { readonly [name: string]: unknown }) => {
        code = headers['grpc-status'] ?? code;
        text = headers['grpc-message'] ?? text;
      };
      stream.on('response', onHeaders);
      stream.on('trailers', onHeaders);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => {
        if (code === '0') resolve(chunks);
        else reject(new Error(`${method} was answered with status ${String(code)}: ${String(text)}`));
      });
    });
  return {
    call: async (method, request) =>
      criCall(method).responseDeserialize(Buffer.concat(await chunksOf(method, request)).subarray(HEAD)),
    bytesOf: async (method, request) =>
      (await chunksOf(method, request)).reduce((sum, { length }) => sum + length, -HEAD),
    events: (seen) => {
      const stream = open('GetContainerEvents', Buffer.alloc(0));
      stream.on('error', () => {});
      countMessages(stream, seen);
    },
    close: () => session.destroy(),
  };
}
