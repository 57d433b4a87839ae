// Reads and discards a request's body. No endpoint uses the body, but the next request follows it.
import { headEnd, parseHeaders } from './header-block';
import type { RequestHead } from './request-head';

/**
 * Maximum number of bytes of an unread body that Go skips before it responds. After a longer body it closes the
 * connection.
 */
export const MAX_SKIPPED_BYTES = 256 * 1024;

/**
 * Size of Go's buffer in bytes. The line with a chunk's size must fit into the buffer. All trailers and the empty line
 * after them must also fit.
 */
const BUFFER_BYTES = 4096;
const LINE_END = Buffer.from('\n');

/** Limit for the framing of a chunk in bytes: this number plus twice the size of its data. */
const FRAMING_PER_CHUNK = 16;
/** Number of bytes by which the framing of all chunks together may exceed their limits. */
const MAX_EXCESS = 16 * 1024;

type Part = 'size' | 'data' | 'data-end' | 'trailer';

/** Skips a body. The memory that it needs does not depend on the length of the body. */
export class BodySkipper {
  /** `bad`: the body is malformed. `long`: it is longer than Go skips. In both cases the connection must be closed. */
  state: 'reading' | 'done' | 'bad' | 'long' = 'reading';
  #left: number;
  #total = 0;
  #excess = 0;
  #part: Part = 'size';
  #line = '';
  /** The end of the last chunk's size line, and everything after it. */
  #trailers = LINE_END;
  readonly #chunked: boolean;

  constructor(length: RequestHead['bodyLength']) {
    this.#chunked = length === 'chunked';
    this.#left = length === 'chunked' ? 0 : length;
    if (length === 0) this.state = 'done';
    if (length !== 'chunked' && length >= MAX_SKIPPED_BYTES) this.state = 'long';
  }

  /**
   * Skips the part of the body that is at the start of the bytes.
   * @returns the bytes after the body; empty if the body continues
   */
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
    const count = Math.min(this.#left, bytes.length);
    this.#left -= count;
    this.#total += count;
    if (this.#left === 0) {
      if (this.#chunked) this.#part = 'data-end';
      else this.state = 'done';
    }
    if (this.#total > MAX_SKIPPED_BYTES) this.state = 'long';
    return bytes.subarray(count);
  }

  /** After the data of a chunk, Go reads two bytes, which must be a line end. */
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
      // Go refuses a size line that does not end with CR LF, or that contains another CR.
      if (/^[^\r]*\r$/.test(this.#line)) this.#begin(this.#line.slice(0, -1));
      else this.state = 'bad';
      this.#line = '';
    }
    return end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end + 1);
  }

  #begin(line: string): void {
    const [, digits] = /^([0-9a-fA-F]{1,16})(?:;.*|[ \t]*)$/.exec(line) ?? [];
    this.#left = Number.parseInt(digits ?? '0', 16);
    // The two bytes are the line end after the data.
    this.#excess = Math.max(0, this.#excess + line.length + 2 - FRAMING_PER_CHUNK - 2 * this.#left);
    const isLast = this.#left === 0;
    if (digits === undefined || (!isLast && this.#excess > MAX_EXCESS)) this.state = 'bad';
    this.#part = isLast ? 'trailer' : 'data';
  }

  /**
   * Reads trailers as Go reads headers. Go parses them only after it has seen CR LF CR LF within its buffer, even if
   * those bytes belong to a later request.
   */
  #trailer(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#trailers, bytes]);
    this.#trailers = all;
    const nothing = all.subarray(all.length);
    const emptyLine = all.indexOf('\n\r\n') === 0 ? 0 : all.indexOf('\r\n\r\n', 1);
    if (emptyLine + 4 > BUFFER_BYTES + 1 || (emptyLine < 0 && all.length > BUFFER_BYTES)) {
      this.state = 'bad';
      return nothing;
    }
    const end = emptyLine < 0 ? undefined : headEnd(all, all.length);
    if (!end) return nothing;
    const lines = all.toString('latin1', 0, end.head).replace(/\r$/, '').split(/\r?\n/).slice(1);
    this.state = parseHeaders(lines) ? 'done' : 'bad';
    return all.subarray(end.whole);
  }
}
