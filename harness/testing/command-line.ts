// For tests: the command line run in this process, with what it printed.
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

/** Runs `ckptest` with these words; `onOutput` sees what has been printed so far whenever something is. */
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

/** Serves with these words, hands over the facts of the first line, and ends it; status and what was said to the end. */
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
