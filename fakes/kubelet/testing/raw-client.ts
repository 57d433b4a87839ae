// Sends and receives bytes over TLS. Uses no HTTP library, because tests compare the exact bytes.
import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import type { FakeKubelet } from '../server';

/**
 * Sends one request on a new connection, and returns everything that the server sends until it closes the connection.
 */
export async function sendRaw(kubelet: FakeKubelet, bytes: string | Buffer, withCertificate = true): Promise<string> {
  const { credentials, url } = kubelet;
  const [ca, cert, key] = await Promise.all(
    [credentials.certificateAuthority, credentials.clientCertificate, credentials.clientKey].map((file) =>
      readFile(file),
    ),
  );
  return await new Promise((resolve, reject) => {
    const socket = tls.connect(
      { host: '127.0.0.1', port: Number(new URL(url).port), ca, ...(withCertificate && { cert, key }) },
      () => socket.write(bytes),
    );
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  });
}

/** A recorded request. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly client: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A recorded response. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a recorded request. Returns the response in the form of the recording, without Date and Connection. */
export async function send(kubelet: FakeKubelet, request: RecordedRequest): Promise<RecordedResponse> {
  const headers = Object.entries({
    ...request.headers,
    ...(request.body && { 'content-length': String(request.body.length) }),
  });
  const head = [`${request.method} ${request.path} HTTP/1.1`, 'Host: node', ...headers.map(([n, v]) => `${n}: ${v}`)];
  const text = `${head.join('\r\n')}\r\nConnection: close\r\n\r\n${request.body ?? ''}`;
  const answer = await sendRaw(kubelet, text, request.client === 'client certificate');
  const end = answer.indexOf('\r\n\r\n');
  const [line = '', ...lines] = answer.slice(0, end).split('\r\n');
  const pairs = lines.map((one): [string, string] => [
    one.slice(0, one.indexOf(': ')),
    one.slice(one.indexOf(': ') + 2),
  ]);
  const shown = Object.fromEntries(pairs.filter(([name]) => name !== 'Date' && name !== 'Connection'));
  let body = answer.slice(end + 4);
  if (shown['Transfer-Encoding'] === 'chunked') body = body.replace(/^[0-9a-f]+\r\n([\s\S]*)\r\n0\r\n\r\n$/, '$1');
  return { status: Number(line.split(' ')[1]), headers: shown, body };
}

/** Opens a connection with the client certificate. */
export async function connectTls(kubelet: FakeKubelet): Promise<tls.TLSSocket> {
  const { certificateAuthority, clientCertificate, clientKey } = kubelet.credentials;
  const [ca, cert, key] = await Promise.all(
    [certificateAuthority, clientCertificate, clientKey].map((f) => readFile(f)),
  );
  const socket = tls.connect({ host: '127.0.0.1', port: Number(new URL(kubelet.url).port), ca, cert, key });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}
