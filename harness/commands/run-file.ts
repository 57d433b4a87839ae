// Reads the file of `--config`, which contains flags of `run` as YAML keys.
import path from 'node:path';
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import { fileOfList } from '../report/known-lists';
import { readSettings } from '../run/settings';
import { numberOf } from './flag-values';
import { camelCase, type GivenFlags, RUN_FLAGS, type RunFlag } from './run-flags';

const KEYS: readonly RunFlag[] = RUN_FLAGS.filter((flag: RunFlag) => !flag.isCommandLineOnly);

/** Resolves a path of the file against the directory of the file, as a kubeconfig does. */
function resolvedPath({ kind }: RunFlag, text: string, directory: string): string {
  if (kind === 'path' || (kind === 'list' && fileOfList(text) === undefined)) return path.resolve(directory, text);
  // Keep a name without a slash, which is looked up on PATH.
  if (kind === 'program' && text.includes('/')) return path.resolve(directory, text);
  const [, before, local] = kind === 'mapping' ? (/^(.*?=)(.+)$/.exec(text) ?? []) : [];
  return before !== undefined && local !== undefined ? before + path.resolve(directory, local) : text;
}

function textOf(flag: RunFlag, value: unknown, directory: string): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new RangeError('is not a string or a number');
  const text = String(value);
  if (flag.choices && !flag.choices.includes(text))
    throw new RangeError(`cannot be ${text}; choose from ${flag.choices.join(', ')}`);
  return resolvedPath(flag, text, directory);
}

function settingOf(flag: RunFlag, value: unknown, directory: string): unknown {
  if (flag.kind === 'switch') {
    if (typeof value !== 'boolean') throw new RangeError('is not true or false');
    return value;
  }
  if (flag.kind === 'strings')
    return (Array.isArray(value) ? value : [value]).map((one) => textOf(flag, one, directory));
  const text = textOf(flag, value, directory);
  try {
    return flag.kind === 'number' ? numberOf(flag, text) : text;
  } catch (error) {
    throw new RangeError(`is ${text}: ${errorText(error)}`);
  }
}

/**
 * Reads the file and returns its settings as if they were flags.
 *
 * @throws UserError if the file, a key or a value is not valid
 */
export function readRunFile(file: string): GivenFlags {
  let settings: Record<string, unknown>;
  try {
    settings = readSettings(file);
  } catch (error) {
    const message = errorText(error).split('\n')[0]?.replace(/:$/, '');
    throw new UserError(`--config ${file}: ${message}; name a YAML file with flags of run, such as "profile: runtime"`);
  }
  const directory = path.dirname(path.resolve(file));
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      const flag = KEYS.find(({ name }) => name === key);
      if (!flag)
        throw new UserError(
          `--config ${file}: unknown key ${key}; known are ${KEYS.map(({ name }) => name).join(', ')}`,
        );
      try {
        return [camelCase(key), settingOf(flag, value, directory)];
      } catch (error) {
        throw error instanceof RangeError ? new UserError(`--config ${file}: ${key} ${error.message}`) : error;
      }
    }),
  );
}
