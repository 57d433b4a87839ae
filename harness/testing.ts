// For tests: the command line run in this process, with what it printed.
import { PassThrough } from 'node:stream';
import { main } from './cli';

export interface Said {
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
  words: readonly string[],
  signal: AbortSignal = new AbortController().signal,
  onOutput: (text: string) => void = () => {},
): Promise<Said> {
  const [out, err] = [collector(), collector()];
  out.stream.on('data', () => onOutput(out.text()));
  const status = await main(words, { out: out.stream, err: err.stream }, signal);
  return { status, out: out.text(), err: err.text() };
}
