// Runs the command line in this process, for tests, and captures its output.
import { PassThrough } from 'node:stream';
import { main } from '../cli';

export interface CommandResult {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function collector() {
  const chunks: string[] = [];
  const stream = new PassThrough({ encoding: 'utf8' });
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return { stream, text: () => chunks.join('') };
}

/** Runs `ckptest` with these arguments. `onOutput` is called with all output so far whenever something is printed. */
export async function ckptest(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
  onOutput: (text: string) => void = () => {},
): Promise<CommandResult> {
  const [out, err] = [collector(), collector()];
  out.stream.on('data', () => onOutput(out.text()));
  const status = await main(args, { out: out.stream, err: err.stream }, signal);
  return { status, out: out.text(), err: err.text() };
}

/**
 * Runs `serve`, calls `use` with the facts that `serve` prints, and stops `serve`.
 *
 * @returns the exit status and what was printed on standard error
 * @throws Error if `serve` ends before it has printed the facts
 */
export async function served(args: readonly string[], use: (facts: Record<string, string>) => Promise<void>) {
  const out = new PassThrough();
  const err = new PassThrough();
  const end = new AbortController();
  const status = main(['serve', '--output', 'json', ...args], { out, err }, end.signal);
  const line = await Promise.race([new Promise<Buffer>((resolve) => out.once('data', resolve)), status]);
  if (typeof line === 'number') throw new Error(`serve ended with ${line}: ${err.read()}`);
  try {
    await use(JSON.parse(line.toString()));
  } finally {
    end.abort();
    await status;
  }
  return { status: await status, errorOutput: String(err.read() ?? '') };
}
