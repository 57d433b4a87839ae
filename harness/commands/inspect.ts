// `ckptest inspect FILE...`: shows the contents and the defects of checkpoint archives.
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorCodeOrText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import { archiveDifferences, differenceLines, isUnchanged } from '../inspect/differences';
import { SEVERITIES, type Severity } from '../inspect/findings';
import { inspectionPage } from '../inspect/html/page';
import { inspectArchive, inspectStandardInput } from '../inspect/inspect-archive';
import { type FileResult, tableLines } from '../inspect/table';
import { textLines } from '../inspect/text';

export interface InspectFlags {
  readonly output: 'text' | 'json';
  /** The lowest severity of a finding that makes the exit status 1. */
  readonly severity: Severity;
  /** Whether to compare two archives instead of inspecting them. */
  readonly diff?: true;
  /** Path of a page to write, in addition to the output. */
  readonly html?: string;
}

const STANDARD_INPUT = '-';
const ARCHIVE = /\.(tar|tgz)(\.\w+)?$/;

/**
 * Returns the archives in a directory; undefined if the path is not a directory. Throws UserError if the directory
 * contains no archive.
 */
async function archivesIn(file: string): Promise<string[] | undefined> {
  const isDirectory = await fs.stat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (file === STANDARD_INPUT || !isDirectory) return undefined;
  const names = (await fs.readdir(file)).filter((name) => ARCHIVE.test(name));
  if (names.length === 0) throw new UserError(`${file}: there is no archive (*.tar, *.tar.gz, *.tar.zst ...) in it`);
  return names.sort().map((name) => path.join(file, name));
}

const inspected = (file: string, signal: AbortSignal) =>
  file === STANDARD_INPUT ? inspectStandardInput(process.stdin, signal) : inspectArchive(file, signal);

async function resultOf(file: string, signal: AbortSignal): Promise<FileResult> {
  try {
    return await inspected(file, signal);
  } catch (error) {
    if (!(error instanceof UserError) || signal.aborted) throw error;
    return { file, error: error.message };
  }
}

/**
 * Returns the exit status: 2 if a file could not be read, 1 if there are findings of this severity or above, else 0.
 */
function statusOf(results: readonly FileResult[], severity: Severity): number {
  if (results.some((one) => 'error' in one)) return 2;
  const counted = SEVERITIES.slice(0, SEVERITIES.indexOf(severity) + 1);
  return results.some((one) => !('error' in one) && counted.some((each) => one.findingCounts[each] > 0)) ? 1 : 0;
}

/**
 * Writes the page of an inspection. Only its owner can read the page, because names of files and variables may be
 * confidential. Throws UserError if the page cannot be written.
 */
async function writePage(file: string, result: FileResult | undefined): Promise<void> {
  if (!result || 'error' in result) return;
  try {
    await fs.writeFile(file, inspectionPage(result), { mode: 0o600 });
  } catch (error) {
    throw new UserError(`--html ${file}: it cannot be written (${errorCodeOrText(error)})`);
  }
}

/**
 * Prints the differences between two archives. Returns the exit status: 1 if there are differences, else 0. Throws
 * UserError unless exactly two archives are given.
 */
async function compare(
  files: readonly string[],
  output: 'text' | 'json',
  out: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<number> {
  const [before, after, ...others] = files;
  if (before === undefined || after === undefined || others.length > 0)
    throw new UserError('--diff: give two archives, the earlier one first');
  const differences = archiveDifferences(await inspected(before, signal), await inspected(after, signal));
  if (output === 'json') out.write(`${JSON.stringify(differences, null, 2)}\n`);
  else for (const line of differenceLines(differences)) out.write(`${line}\n`);
  return isUnchanged(differences) ? 0 : 1;
}

/**
 * Inspects archives and prints the results. Text output has a tree for each file and a table for a directory. JSON
 * output is one object, or a list for several archives. With `diff`, prints the differences between two archives.
 *
 * @param files paths of archives or directories, or `-` for standard input
 * @returns the exit status: 1 if there are findings of this severity or above, 2 if a file could not be read
 * @throws UserError if a path does not exist or no archive is given
 */
export async function inspect(
  files: readonly string[],
  { output, severity, diff, html }: InspectFlags,
  out: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<number> {
  const print = (value: unknown) => void out.write(`${JSON.stringify(value, null, 2)}\n`);
  if (html !== undefined && (diff || files.length !== 1)) throw new UserError('--html: give one archive');
  if (diff) return compare(files, output, out, signal);
  const lists = await Promise.all(files.map(archivesIn));
  const paths = files.flatMap((file, i) => lists[i] ?? [file]);
  const [only = ''] = paths;
  const isOne = files.length === 1 && lists[0] === undefined;
  const results: FileResult[] = [];
  if (isOne) results.push(await inspected(only, signal));
  else for (const file of paths) results.push(await resultOf(file, signal));
  if (html !== undefined) await writePage(html, results[0]);
  if (output === 'json') print(isOne ? results[0] : results);
  else if (lists.some((list) => list !== undefined)) for (const line of tableLines(results)) out.write(`${line}\n`);
  else
    for (const result of results)
      for (const line of 'error' in result ? [result.error] : textLines(result)) out.write(`${line}\n`);
  return statusOf(results, severity);
}
