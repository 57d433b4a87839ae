// The log of one container, in the format that kubelets read: time, stream, full or partial, text.
import { close, closeSync, mkdirSync, open, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../base/clock';
import { criLogTime, nanoseconds } from '../../go/time';

/** Longer lines are cut into parts tagged P, the last one F, as containerd does by default (bytes). */
const MAX_LINE = 16_384;

/** A log file; its handle is held only once something has been written, so that silent containers hold none. */
export class LogFile {
  readonly path: string;
  readonly #clock: Clock;
  #handle: number | undefined;
  #written = false;
  /** Beginnings of lines whose ends have not come yet. */
  #begun: { stdout: string; stderr: string } | undefined;

  constructor(file: string, clock: Clock) {
    this.path = file;
    this.#clock = clock;
  }

  /**
   * Makes the file and the folders above it, and keeps it open until `rest`; rejects with what the system says. Most
   * folders are there, since kubelets make them.
   */
  async create(): Promise<void> {
    try {
      this.#handle = await opened(this.path);
    } catch {
      await mkdir(path.dirname(this.path), { recursive: true, mode: 0o755 });
      this.#handle = await opened(this.path);
    }
  }

  /** Lets go of a file into which nothing has been written yet. */
  rest(): void {
    if (this.#written || this.#handle === undefined) return;
    close(this.#handle, () => {});
    this.#handle = undefined;
  }

  /** Appends text that may end anywhere in a line; what is begun is written once the line ends, or at the close. */
  append(stream: 'stdout' | 'stderr', text: string): void {
    const lines = ((this.#begun?.[stream] ?? '') + text).split('\n');
    const begun = lines.pop() ?? '';
    if (begun !== '' || this.#begun) this.#begun = { stdout: '', stderr: '', ...this.#begun, [stream]: begun };
    for (const line of lines) this.write(stream, line);
  }

  /** Appends one line. A file that cannot be written loses it: a full disk must not end the container. */
  write(stream: 'stdout' | 'stderr', text: string): void {
    const start = `${criLogTime(nanoseconds(this.#clock.now()))} ${stream}`;
    try {
      this.#handle ??= openSync(this.path, 'a', 0o640);
      this.#written = true;
      let rest = Buffer.from(text);
      for (; rest.length > MAX_LINE; rest = rest.subarray(MAX_LINE)) {
        writeSync(this.#handle, Buffer.concat([Buffer.from(`${start} P `), rest.subarray(0, MAX_LINE), NEWLINE]));
      }
      writeSync(this.#handle, Buffer.concat([Buffer.from(`${start} F `), rest, NEWLINE]));
    } catch {
      this.#release();
    }
  }

  /** Writes go on in the file that has the name now; the next one opens it. */
  reopen(): void {
    this.#release();
    mkdirSync(path.dirname(this.path), { recursive: true, mode: 0o755 });
    closeSync(openSync(this.path, 'a', 0o640));
  }

  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const begun = this.#begun?.[stream];
      if (begun) this.write(stream, begun);
    }
    this.#begun = undefined;
    this.#release();
  }

  #release(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

const opened = (file: string) =>
  new Promise<number>((resolve, reject) => {
    open(file, 'a', 0o640, (error, handle) => (error ? reject(error) : resolve(handle)));
  });

const NEWLINE = Buffer.from('\n');
