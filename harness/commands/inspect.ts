// `ckptest inspect FILE`: shows what a checkpoint archive contains, and what is wrong with it.
import { inspectArchive } from '../inspect/inspect-archive';
import { textLines } from '../inspect/text';

/**
 * Inspects an archive and prints the result.
 *
 * @returns the exit status: 1 if there are findings
 * @throws UserError if the file is not an archive
 */
export async function inspect(
  file: string,
  output: 'text' | 'json',
  out: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<number> {
  const inspection = await inspectArchive(file, signal);
  if (output === 'json') out.write(`${JSON.stringify(inspection, null, 2)}\n`);
  else for (const line of textLines(inspection)) out.write(`${line}\n`);
  return inspection.findingCounts.error + inspection.findingCounts.warning === 0 ? 0 : 1;
}
