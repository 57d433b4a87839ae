// Clients that cost next to nothing, so that what is measured is the endpoint: bytes to send, and what answers look like.
import tls from 'node:tls';

/** An endpoint and what is shown to it. */
export interface BenchTarget {
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Asks on one kept connection, again and again, until there is nothing more to ask. */
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
      // An answer this small comes in one piece.
      const text = bytes.toString('latin1');
      if (answer.test(text)) next();
      else reject(new Error(`another answer: ${text.slice(0, 200)}`));
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/**
 * Makes so many requests, each of a number from 0 on, over so many connections; returns how long it took, milliseconds.
 *
 * @param answer what each of them is answered; anything else rejects
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
