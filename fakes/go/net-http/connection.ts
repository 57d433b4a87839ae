// Serves one HTTP/1 connection as Go's net/http does: one exchange after the other, request bodies skipped, and invalid
// requests refused with its messages.
import type { Duplex } from 'node:stream';
import { BodySkipper } from './body-skipper';
import { Disconnect } from './disconnect';
import type { HttpResponse } from './exchange';
import { headEnd, validatedLength } from './header-block';
import { IdleWatch } from './idle-watch';
import type { RejectedRequest } from './rejected-request';
import { isRefusal, parseRequestHead, parseRequestLine, type RequestHead } from './request-head';
import { hasKnownEnd, refusalBytes, responseBytes } from './response-bytes';
import { hasToken } from './tokens';

/**
 * Maximum size of the request headers in bytes: Go's limit of 1 MiB (`MaxHeaderBytes`) plus the 4 KiB that its reader
 * adds.
 */
const MAX_HEAD_BYTES = 1024 * 1024 + 4096;
/** Maximum size of cached request headers, bytes. */
const MAX_CACHED_HEAD = 4096;
/** Maximum number of pieces of incomplete request headers that are kept before they are joined. */
const MAX_PIECES = 64;
/** How long a connection may wait for its next request by default, milliseconds, as in a kubelet. */
const IDLE_MS = 90_000;
/** How long a connection may be silent during a request, milliseconds, as in a kubelet. */
const READ_MS = 4 * 3_600_000;
/** Number of bytes of line ends that Go ignores before a request that follows a POST. */
const IGNORED_LINE_ENDS = 4;
/** Number of bytes of a later request that must have arrived before Go parses it. */
const LATER_REQUEST_BYTES = 4;
/** How long the client may read the last response before the socket is destroyed, milliseconds. */
const LINGER_MS = 500;

/**
 * A function that makes the response to a request. The signal of `disconnect` is aborted when the client disconnects.
 */
export type HttpHandler = (head: RequestHead, disconnect: { readonly signal: AbortSignal }) => Promise<HttpResponse>;

/** A function that changes the bytes of a response, including its headers and framing, before they are sent. */
export type Framing = (answer: Buffer) => Buffer;

/** A socket with a timeout, of `node:net` or `node:tls`. */
type Socket = Duplex & { setTimeout(ms: number, action?: () => void): unknown };

/** A request that is being handled. */
interface Exchange {
  readonly disconnect: Disconnect;
  readonly body: BodySkipper;
  /**
   * Whether the handler is notified if the client disconnects. Go notices a disconnect only for requests without a
   * body.
   */
  readonly noticesDisconnect: boolean;
  /** Called when the body has ended or the client has disconnected. */
  bodyEnded?: () => void;
}

class Connection {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Number of bytes of incomplete request headers that were already validated. These bytes are complete lines. */
  #validated = 0;
  #latest: { readonly text: string; readonly head: RequestHead } | undefined;
  #lineEnds = 0;
  #exchange: Exchange | undefined;
  #ended = false;
  /** Whether a request has been served. */
  #served = false;
  readonly #idle: IdleWatch;
  /** Whether the client has closed its side. */
  #inputEnded = false;

  constructor(
    readonly socket: Socket,
    readonly handler: HttpHandler,
    readonly now: () => number,
    readonly framing: Framing,
    idleMs: number,
  ) {
    this.#idle = new IdleWatch(idleMs, () => socket.destroy());
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => this.#endInput());
    socket.on('close', () => {
      this.#idle.close();
      this.#exchange?.disconnect.abort();
      this.#exchange?.bodyEnded?.();
    });
    socket.on('error', () => socket.destroy());
    socket.setTimeout(READ_MS, () => socket.destroy());
  }

  #endInput(): void {
    this.#inputEnded = true;
    if (this.#exchange) {
      // Go notices the end only if it has read everything before the end: there must be no body and no later request.
      if (this.#exchange.noticesDisconnect && this.#pendingBytes === 0) this.#exchange.disconnect.abort();
      this.#exchange.bodyEnded?.();
    } else if (this.#hasRequest()) this.#end(refusalBytes({ status: 400 }));
    else this.socket.end();
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) return;
    this.#idle.end();
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    // Join the pieces: a buffer for every single byte would need a hundred times the memory.
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
      if (body.state !== 'reading') this.#exchange.bodyEnded?.();
      // Later requests wait in the socket's buffer, not here.
      if (this.#pendingBytes > MAX_HEAD_BYTES) this.socket.pause();
      return;
    }
    this.#readHead();
  }

  #hasRequest(): boolean {
    return this.#pendingBytes >= (this.#served ? LATER_REQUEST_BYTES : 1);
  }

  #readHead(): void {
    if (!this.#hasRequest()) return;
    const latest = this.#pending[this.#pending.length - 1];
    // Join the pieces of a head only when a line ends: joining them every time takes quadratic time.
    if (this.#pendingBytes < MAX_HEAD_BYTES && latest && !latest.includes(0x0a)) return;
    let bytes = this.#take();
    // Old clients send line ends after the body of a POST.
    for (; this.#lineEnds > 0 && (bytes[0] === 0x0d || bytes[0] === 0x0a); this.#lineEnds -= 1)
      bytes = bytes.subarray(1);
    if (bytes.length === 0) return;
    const end = headEnd(bytes, MAX_HEAD_BYTES);
    if (!end) {
      this.#partOfHead(bytes);
      return;
    }
    this.#validated = 0;
    const head = this.#parsed(bytes.toString('latin1', 0, end.head));
    if (isRefusal(head)) {
      this.#end(refusalBytes(head));
      return;
    }
    this.#keep(bytes.subarray(end.whole));
    void this.#serve(head);
  }

  /** Caches the latest request headers, because clients that keep a connection open often repeat a request. */
  #parsed(text: string): RequestHead | RejectedRequest {
    if (this.#latest?.text === text) return this.#latest.head;
    const head = parseRequestHead(text.replace(/\r$/, ''));
    if (!isRefusal(head) && text.length <= MAX_CACHED_HEAD) this.#latest = { text, head };
    return head;
  }

  #partOfHead(bytes: Buffer): void {
    if (bytes.length >= MAX_HEAD_BYTES) {
      this.#end(refusalBytes({ status: 431 }));
      return;
    }
    this.#keep(bytes);
    const refusal = this.#validatePart(bytes);
    if (refusal) this.#end(refusalBytes(refusal));
  }

  /** Validates incomplete request headers, because Go reports errors without waiting for the rest. */
  #validatePart(bytes: Buffer): RejectedRequest | undefined {
    if (this.#validated === 0) {
      const lineEnd = bytes.indexOf('\n');
      if (lineEnd < 0) return undefined;
      const line = parseRequestLine(bytes.toString('latin1', 0, lineEnd).replace(/\r$/, ''));
      if (isRefusal(line)) return line;
      this.#validated = lineEnd + 1;
    }
    const length = validatedLength(bytes.toString('latin1', this.#validated));
    if (length === undefined) return { status: 400 };
    this.#validated += length;
    return undefined;
  }

  async #serve(head: RequestHead): Promise<void> {
    const exchange: Exchange = {
      disconnect: new Disconnect(),
      body: new BodySkipper(head.bodyLength),
      noticesDisconnect: head.bodyLength === 0,
    };
    this.#exchange = exchange;
    this.#served = true;
    this.#lineEnds = head.method === 'POST' ? IGNORED_LINE_ENDS : 0;
    this.#advance();
    const expect = head.headers['expect'] ?? '';
    const expectsContinue = hasToken(expect, '100-continue');
    // This server never sends "100 Continue", so a client that waits for it may or may not send its body.
    const continues = head.isHttp11 && expectsContinue;
    let response = EXPECTATION_FAILED;
    if (expect === '' || expectsContinue) {
      try {
        response = await this.handler(head, exchange.disconnect);
      } catch {
        // When a handler panics, Go also closes the connection without a response.
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
        await new Promise<void>((resolve) => {
          exchange.bodyEnded = resolve;
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
    if (this.#inputEnded && !this.#exchange && !this.#ended) this.#endInput();
  }

  /**
   * Sends the last response. Further data from the client is dropped for a while, so that the client can read the
   * response.
   */
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
 * Serves a connection until it ends. A pipelined request waits for the response to the request before it.
 *
 * @param handler makes the responses
 * @param now returns the time for the Date header, in milliseconds since the epoch
 * @param framing changes the bytes of every response
 * @param idleMs how long the connection may wait for its next request, in milliseconds
 */
export function serveConnection(
  socket: Socket,
  handler: HttpHandler,
  now: () => number,
  framing: Framing = (bytes) => bytes,
  idleMs: number = IDLE_MS,
): void {
  new Connection(socket, handler, now, framing, idleMs);
}
