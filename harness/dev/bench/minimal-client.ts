// Runs minimal HTTP clients, which use so little CPU time that the measurement shows the speed of the endpoint.
import tls from 'node:tls';

/** An endpoint, its authority, and a client certificate. */
export interface BenchTarget {
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Sends requests on one connection, one after another, until `ask` returns no request. */
function worker({ port, ...shown }: BenchTarget, answer: RegExp, ask: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ...shown }, () => next());
    socket.setNoDelay(true);
    const next = () => {
      const request = ask();
      if (request) socket.write(request);
      else socket.end();
    };
    socket.on('data', (bytes) => {
      // Assume that a response arrives in one chunk, because it is small.
      const text = bytes.toString('latin1');
      if (answer.test(text)) next();
      else reject(new Error(`another answer: ${text.slice(0, 200)}`));
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/**
 * Sends requests over several connections.
 *
 * @param connections number of connections
 * @param requests number of requests
 * @param answer matches each response; any other response rejects
 * @param request returns the bytes of request `n`, counted from 0
 * @returns the duration, milliseconds
 */
export async function sendRequests(
  target: BenchTarget,
  connections: number,
  requests: number,
  answer: RegExp,
  request: (n: number) => Buffer,
): Promise<number> {
  let made = 0;
  const ask = () => {
    if (made === requests) return undefined;
    made += 1;
    return request(made - 1);
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: connections }, () => worker(target, answer, ask)));
  return performance.now() - begin;
}
