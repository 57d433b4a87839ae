// Writes the log of one container in the format that kubelets read: time, stream, full or partial, text.
import { close, closeSync, mkdirSync, open, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../base/clock';
import { criLogTime, nanoseconds } from '../../go/time';

/**
 * Maximum length of a line, bytes. Longer lines are split into parts with the tag P, and the last part has the tag F.
 * This is containerd's default.
 */
const MAX_LINE = 16_384;

/** A log file. The file is opened at the first write, so that containers without output have no open file. */
export class LogFile {
  readonly path: string;
  readonly #clock: Clock;
  #handle: number | undefined;
  #written = false;
  /** The start of each stream's current line, until the line is complete. */
  #incomplete: { stdout: string; stderr: string } | undefined;

  constructor(file: string, clock: Clock) {
    this.path = file;
    this.#clock = clock;
  }

  /**
   * Creates the file and missing parent directories, and keeps the file open until `closeUnlessWritten`. Usually the
   * directory exists, because kubelets create it.
   * @throws the system's error if the file cannot be created
   */
  async create(): Promise<void> {
    try {
      this.#handle = await opened(this.path);
    } catch {
      await mkdir(path.dirname(this.path), { recursive: true, mode: 0o755 });
      this.#handle = await opened(this.path);
    }
  }

  /** Closes the file if nothing has been written to it yet. */
  closeUnlessWritten(): void {
    if (this.#written || this.#handle === undefined) return;
    close(this.#handle, () => {});
    this.#handle = undefined;
  }

  /**
   * Appends text that may end in the middle of a line. An incomplete line is written when it is completed or when the
   * log is closed.
   */
  append(stream: 'stdout' | 'stderr', text: string): void {
    const lines = ((this.#incomplete?.[stream] ?? '') + text).split('\n');
    const incomplete = lines.pop() ?? '';
    if (incomplete !== '' || this.#incomplete)
      this.#incomplete = { stdout: '', stderr: '', ...this.#incomplete, [stream]: incomplete };
    for (const line of lines) this.write(stream, line);
  }

  /** Appends one line. Ignores write errors, because a full disk must not end the container. */
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

  /** Closes the file. The next write opens the file that then exists at the path. */
  reopen(): void {
    this.#release();
    mkdirSync(path.dirname(this.path), { recursive: true, mode: 0o755 });
    closeSync(openSync(this.path, 'a', 0o640));
  }

  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const incompleteLine = this.#incomplete?.[stream];
      if (incompleteLine) this.write(stream, incompleteLine);
    }
    this.#incomplete = undefined;
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
