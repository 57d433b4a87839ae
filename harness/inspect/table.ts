// Prints many inspections as a table, newest checkpoint first, for users who clean up a directory of archives.
import type { Inspection } from './inspection';
import { countLine, size } from './text';

/** The result for one file: an inspection, or why the file cannot be inspected. */
export type FileResult = Inspection | { readonly file: string; readonly error: string };

const HEAD = ['CONTAINER', 'POD', 'RUNTIME', 'MADE', 'SIZE', 'MEMORY', 'FINDINGS', 'FILE'];
const NONE = '-';

const made = (result: FileResult): string =>
  'error' in result ? '' : (result.container.checkpointedAt ?? result.containers.map(made).sort().at(-1) ?? '');

/** Returns the memory size of an archive, including the archives inside it, bytes. */
const memory = ({ sizes, containers }: Inspection): number =>
  containers.reduce((sum, nested) => sum + memory(nested), sizes.memory);

function row(result: FileResult): string[] {
  if ('error' in result) return [NONE, NONE, NONE, NONE, NONE, NONE, result.error, result.file];
  const { container, containers, engine, kind, sizes, findingCounts, file } = result;
  const names = containers.length > 0 ? containers.map((one) => one.container.name ?? NONE).join(',') : container.name;
  const { podNamespace, podName } = containers.length === 1 ? (containers[0]?.container ?? container) : container;
  const pod = podName === undefined ? NONE : `${podNamespace ?? NONE}/${podName}`;
  const runtime = kind === 'container' ? engine : kind;
  const time = made(result).replace(/\.\d+/, '');
  return [
    names ?? NONE,
    pod,
    runtime,
    time || NONE,
    size(sizes.archive),
    size(memory(result)),
    countLine(findingCounts),
    file,
  ];
}

/** Yields the lines of a table. */
export function* tableLines(results: readonly FileResult[]): Generator<string> {
  const newestFirst = [...results].sort((a, b) => Date.parse(made(b) || '0') - Date.parse(made(a) || '0'));
  const rows = [HEAD, ...newestFirst.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows)
    yield cells
      .map((cell, column) => (column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
}
