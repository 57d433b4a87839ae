// Reads a request body off the wire and forgets it: no endpoint here looks at one, but the next request stands behind it.
import { headEnd, parseHeaders } from './header-block';
import type { RequestHead } from './request-head';

/** Bytes of an unread body that Go reads before it answers; beyond, it ends the connection. */
export const MAX_SKIPPED_BYTES = 256 * 1024;

/** Go's buffer (bytes): the line of a chunk's size has to fit in, with its end, and so have all trailers up to an empty line. */
const BUFFER_BYTES = 4096;
const LINE_END = Buffer.from('\n');

/** Framing that may come with a chunk beside twice its data, and what all chunks may have beyond that (bytes). */
const GRANTED_PER_CHUNK = 16;
const MAX_EXCESS = 16 * 1024;

type Part = 'size' | 'data' | 'data-end' | 'trailer';

/** Eats bytes until a body is over; memory does not grow with the body. */
export class BodySkipper {
  /** 'bad': not a body; 'long': more than Go reads. In both the connection is of no more use. */
  state: 'reading' | 'done' | 'bad' | 'long' = 'reading';
  #left: number;
  #total = 0;
  #excess = 0;
  #part: Part = 'size';
  #line = '';
  /** The end of the last chunk's line, and what came behind it. */
  #trailers = LINE_END;
  readonly #chunked: boolean;

  constructor(length: RequestHead['bodyLength']) {
    this.#chunked = length === 'chunked';
    this.#left = length === 'chunked' ? 0 : length;
    if (length === 0) this.state = 'done';
    if (length !== 'chunked' && length >= MAX_SKIPPED_BYTES) this.state = 'long';
  }

  /** Takes what belongs to the body from the front of `bytes` and returns the rest. */
  feed(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length > 0 && this.state === 'reading') {
      if (!this.#chunked || this.#part === 'data') rest = this.#data(rest);
      else if (this.#part === 'data-end') rest = this.#dataEnd(rest);
      else rest = this.#part === 'trailer' ? this.#trailer(rest) : this.#size(rest);
    }
    return rest;
  }

  #data(bytes: Buffer): Buffer {
    const taken = Math.min(this.#left, bytes.length);
    this.#left -= taken;
    this.#total += taken;
    if (this.#left === 0) {
      if (this.#chunked) this.#part = 'data-end';
      else this.state = 'done';
    }
    if (this.#total > MAX_SKIPPED_BYTES) this.state = 'long';
    return bytes.subarray(taken);
  }

  /** Go looks at two bytes, whether a line ends there or not. */
  #dataEnd(bytes: Buffer): Buffer {
    const wanted = 2 - this.#line.length;
    this.#line += bytes.toString('latin1', 0, wanted);
    if (this.#line.length === 2) {
      if (this.#line === '\r\n') this.#part = 'size';
      else this.state = 'bad';
      this.#line = '';
    }
    return bytes.subarray(wanted);
  }

  #size(bytes: Buffer): Buffer {
    const end = bytes.indexOf('\n');
    this.#line += bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
    if (this.#line.length >= BUFFER_BYTES) this.state = 'bad';
    else if (end >= 0) {
      // To Go, a line that ends without a carriage return, or has one elsewhere, is no line of chunk framing.
      if (/^[^\r]*\r$/.test(this.#line)) this.#begin(this.#line.slice(0, -1));
      else this.state = 'bad';
      this.#line = '';
    }
    return end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end + 1);
  }

  #begin(line: string): void {
    const [, digits] = /^([0-9a-fA-F]{1,16})(?:;.*|[ \t]*)$/.exec(line) ?? [];
    this.#left = Number.parseInt(digits ?? '0', 16);
    // Two for the end of the data.
    this.#excess = Math.max(0, this.#excess + line.length + 2 - GRANTED_PER_CHUNK - 2 * this.#left);
    const isLast = this.#left === 0;
    if (digits === undefined || (!isLast && this.#excess > MAX_EXCESS)) this.state = 'bad';
    this.#part = isLast ? 'trailer' : 'data';
  }

  /** To Go, trailers are headers, of which none is read before CR LF CR LF is in sight: in a later request, if need be. */
  #trailer(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#trailers, bytes]);
    this.#trailers = all;
    const nothing = all.subarray(all.length);
    const sight = all.indexOf('\n\r\n') === 0 ? 0 : all.indexOf('\r\n\r\n', 1);
    if (sight + 4 > BUFFER_BYTES + 1 || (sight < 0 && all.length > BUFFER_BYTES)) {
      this.state = 'bad';
      return nothing;
    }
    const end = sight < 0 ? undefined : headEnd(all, all.length);
    if (!end) return nothing;
    const lines = all.toString('latin1', 0, end.head).replace(/\r$/, '').split(/\r?\n/).slice(1);
    this.state = parseHeaders(lines) ? 'done' : 'bad';
    return all.subarray(end.whole);
  }
}
