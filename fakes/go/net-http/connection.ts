// One HTTP/1 connection, served as Go's net/http serves it: one exchange after another, bodies skipped, odd requests refused in its words.
import type { Duplex } from 'node:stream';
import { BodySkipper } from './body-skipper';
import { Disconnect } from './disconnect';
import type { HttpResponse } from './exchange';
import { headEnd, settledHeaders } from './header-block';
import { IdleWatch } from './idle-watch';
import type { RejectedRequest } from './rejected-request';
import { isRefusal, parseRequestHead, parseRequestLine, type RequestHead } from './request-head';
import { hasKnownEnd, refusalBytes, responseBytes } from './response-bytes';
import { hasToken } from './tokens';

/** Go's MaxHeaderBytes of 1 MiB and the 4 KiB that its reader adds. */
const MAX_HEAD_BYTES = 1024 * 1024 + 4096;
/** A longer head is parsed each time it comes (bytes). */
const REMEMBERED_HEAD = 4096;
/** So many pieces of a head are kept apart. */
const MAX_PIECES = 64;
/** How long a connection may wait for its next request, and for all else, as the kubelet configures it. */
const IDLE_MS = 90_000;
const READ_MS = 4 * 3_600_000;
/** Line ends that Go forgives in front of the request that follows a POST. */
const FORGIVEN_LINE_ENDS = 4;
/** Of a further request Go looks at nothing before this much is there (bytes). */
const FURTHER_REQUEST_BYTES = 4;
/** How long the client gets to read the last answer before the socket goes. */
const LINGER_MS = 500;

/** Makes the answer to a request; `leaving` has a signal that is aborted when the client goes away. */
export type HttpHandler = (head: RequestHead, disconnect: { readonly signal: AbortSignal }) => Promise<HttpResponse>;

/** Changes the bytes of an answer, framing included, on their way out. */
export type Framing = (answer: Buffer) => Buffer;

/** A socket that may time out, as both net and tls sockets do. */
type Socket = Duplex & { setTimeout(ms: number, action?: () => void): unknown };

/** One request that is being answered. */
interface Exchange {
  readonly disconnect: Disconnect;
  readonly body: BodySkipper;
  /** Whether an end of the connection is an end of this. */
  readonly watches: boolean;
  /** Called when the body is over, or the client is gone. */
  answered?: () => void;
}

class Connection {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes of an unfinished head that were looked at, whole lines. */
  #judged = 0;
  #latest: { readonly text: string; readonly head: RequestHead } | undefined;
  #lineEnds = 0;
  #exchange: Exchange | undefined;
  #ended = false;
  /** Whether a request has been served. */
  #served = false;
  readonly #idle = new IdleWatch(IDLE_MS, () => this.socket.destroy());
  /** The client sends no more. */
  #inputEnded = false;

  constructor(
    readonly socket: Socket,
    readonly answer: HttpHandler,
    readonly now: () => number,
    readonly framing: Framing,
  ) {
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => this.#clientLeft());
    socket.on('close', () => {
      this.#idle.close();
      this.#exchange?.disconnect.leave();
      this.#exchange?.answered?.();
    });
    socket.on('error', () => socket.destroy());
    socket.setTimeout(READ_MS, () => socket.destroy());
  }

  #clientLeft(): void {
    this.#inputEnded = true;
    if (this.#exchange) {
      // Go notices an end only where it may read: not while a body, or a further request, stands in front of it.
      if (this.#exchange.watches && this.#pendingBytes === 0) this.#exchange.disconnect.leave();
      this.#exchange.answered?.();
    } else if (this.#looksAtRequest()) this.#end(refusalBytes({ status: 400 }));
    else this.socket.end();
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) return;
    this.#idle.end();
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    // Bytes that come one by one would cost a hundred times their size.
    if (this.#pending.length > MAX_PIECES) this.#keep(this.#take());
    this.#advance();
  }

  #take(): Buffer {
    const all = this.#pending.length === 1 ? (this.#pending[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return all;
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#pending.unshift(rest);
    this.#pendingBytes += rest.length;
  }

  #advance(): void {
    if (this.#ended || this.#pendingBytes === 0) return;
    if (this.#exchange) {
      const { body } = this.#exchange;
      if (body.state === 'reading') this.#keep(body.feed(this.#take()));
      if (body.state !== 'reading') this.#exchange.answered?.();
      // Requests behind this one wait in the kernel, not here.
      if (this.#pendingBytes > MAX_HEAD_BYTES) this.socket.pause();
      return;
    }
    this.#readHead();
  }

  #looksAtRequest(): boolean {
    return this.#pendingBytes >= (this.#served ? FURTHER_REQUEST_BYTES : 1);
  }

  #readHead(): void {
    if (!this.#looksAtRequest()) return;
    const latest = this.#pending[this.#pending.length - 1];
    // A head that came in many pieces is joined only when a line ends, so that a slow one costs no square of its length.
    if (this.#pendingBytes < MAX_HEAD_BYTES && latest && !latest.includes(0x0a)) return;
    let bytes = this.#take();
    // What old clients send behind the body of a POST.
    for (; this.#lineEnds > 0 && (bytes[0] === 0x0d || bytes[0] === 0x0a); this.#lineEnds -= 1)
      bytes = bytes.subarray(1);
    if (bytes.length === 0) return;
    const end = headEnd(bytes, MAX_HEAD_BYTES);
    if (!end) {
      this.#partOfHead(bytes);
      return;
    }
    this.#judged = 0;
    const head = this.#parsed(bytes.toString('latin1', 0, end.head));
    if (isRefusal(head)) {
      this.#end(refusalBytes(head));
      return;
    }
    this.#keep(bytes.subarray(end.whole));
    void this.#serve(head);
  }

  /** Clients that keep a connection often ask the same again. */
  #parsed(text: string): RequestHead | RejectedRequest {
    if (this.#latest?.text === text) return this.#latest.head;
    const head = parseRequestHead(text.replace(/\r$/, ''));
    if (!isRefusal(head) && text.length <= REMEMBERED_HEAD) this.#latest = { text, head };
    return head;
  }

  #partOfHead(bytes: Buffer): void {
    if (bytes.length >= MAX_HEAD_BYTES) {
      this.#end(refusalBytes({ status: 431 }));
      return;
    }
    this.#keep(bytes);
    const refusal = this.#judge(bytes);
    if (refusal) this.#end(refusalBytes(refusal));
  }

  /** What is wrong with a head that has not ended: Go does not wait for the rest to say so. */
  #judge(bytes: Buffer): RejectedRequest | undefined {
    if (this.#judged === 0) {
      const lineEnd = bytes.indexOf('\n');
      if (lineEnd < 0) return undefined;
      const line = parseRequestLine(bytes.toString('latin1', 0, lineEnd).replace(/\r$/, ''));
      if (isRefusal(line)) return line;
      this.#judged = lineEnd + 1;
    }
    const settled = settledHeaders(bytes.toString('latin1', this.#judged));
    if (settled === undefined) return { status: 400 };
    this.#judged += settled;
    return undefined;
  }

  async #serve(head: RequestHead): Promise<void> {
    const exchange: Exchange = {
      disconnect: new Disconnect(),
      body: new BodySkipper(head.bodyLength),
      watches: head.bodyLength === 0,
    };
    this.#exchange = exchange;
    this.#served = true;
    this.#lineEnds = head.method === 'POST' ? FORGIVEN_LINE_ENDS : 0;
    this.#advance();
    const expect = head.headers['expect'] ?? '';
    const expectsContinue = hasToken(expect, '100-continue');
    // A client that waits for "100 Continue", which never comes here, may or may not send its body.
    const continues = head.isHttp11 && expectsContinue;
    let response = EXPECTATION_FAILED;
    if (expect === '' || expectsContinue) {
      try {
        response = await this.answer(head, exchange.disconnect);
      } catch {
        // As Go does when a handler panics: no answer, and the connection ends.
        this.socket.destroy();
        return;
      }
    }
    let closes =
      head.closes ||
      (continues && head.bodyLength !== 0) ||
      (head.keepsAlive10 && !hasKnownEnd(response, head)) ||
      response.headers.some(isConnectionClose);
    if (!closes) {
      if (exchange.body.state === 'reading' && !this.#inputEnded) {
        await new Promise<void>((answered) => {
          exchange.answered = answered;
        });
      }
      closes = exchange.body.state !== 'done';
    }
    if (this.socket.destroyed) return;
    const bytes = responseBytes(response, { request: head, closes, now: this.now() });
    this.#exchange = undefined;
    if (closes || (this.#inputEnded && this.#pendingBytes === 0)) return this.#end(bytes);
    this.socket.write(this.framing(bytes));
    if (this.#pendingBytes === 0) this.#idle.begin();
    this.socket.resume();
    this.#advance();
    if (this.#inputEnded && !this.#exchange && !this.#ended) this.#clientLeft();
  }

  /** Says the last thing; what the client still sends is read and dropped for a while, so that it sees the answer. */
  #end(bytes: Buffer): void {
    this.#ended = true;
    this.#take();
    this.socket.end(this.framing(bytes));
    this.socket.resume();
    const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }
}

const EXPECTATION_FAILED: HttpResponse = { status: 417, headers: [['Connection', 'close']], body: '' };

const isConnectionClose = ([name, value]: readonly [string, string]) =>
  name.toLowerCase() === 'connection' && value.toLowerCase() === 'close';

/**
 * Serves one connection until it ends; no pipelined request is started before the answer to the one before it.
 * @param now milliseconds since the epoch, for the Date header
 * @param framing what becomes of the bytes of every answer
 */
export function serveConnection(
  socket: Socket,
  answer: HttpHandler,
  now: () => number,
  framing: Framing = (bytes) => bytes,
): void {
  new Connection(socket, answer, now, framing);
}
