// `mkdir`: creates directories, with the error messages of busybox.
import type { ProgramContext } from './program-context';

const USAGE = 'Usage: mkdir [-m MODE] [-p] DIRECTORY...\n';

interface Asked {
  readonly directories: readonly string[];
  readonly parents: boolean;
  readonly told: boolean;
  /** The first unknown flag letter. */
  readonly unknown: string | undefined;
}

function read(args: readonly string[]): Asked {
  const directories: string[] = [];
  let flags = '';
  let isMode = false;
  for (const arg of args) {
    if (isMode) isMode = false;
    else if (!/^-./.test(arg)) directories.push(arg);
    else {
      const [letters = '', mode] = arg.slice(1).split(/m(.*)/s);
      flags += letters;
      isMode = mode === '';
    }
  }
  return { directories, parents: flags.includes('p'), told: flags.includes('v'), unknown: /[^pv]/.exec(flags)?.[0] };
}

/**
 * Creates directories. `-p` also creates parent directories and accepts existing directories. `-v` prints each new
 * directory. The mode of `-m` is ignored.
 */
export function mkdir(args: readonly string[], context: ProgramContext): number {
  const { directories, parents, told, unknown } = read(args);
  if (unknown !== undefined || directories.length === 0) {
    context.error(`${unknown === undefined ? '' : `mkdir: invalid option -- '${unknown}'\n`}${USAGE}`);
    return 1;
  }
  let code = 0;
  for (const directory of directories) {
    for (const path of parents ? withParents(directory) : [directory]) {
      if (parents && context.machine.isDirectory(path)) continue;
      const fault = make(path, context);
      if (fault === undefined) {
        if (told) context.out(`created directory: '${path}'\n`);
        continue;
      }
      context.error(`mkdir: can't create directory '${path}': ${fault}\n`);
      code = 1;
      break;
    }
  }
  return code;
}

/** Returns the path of each parent and of the directory itself as busybox prints them: `a/`, `a/b/`, `a/b/c`. */
const withParents = (directory: string) =>
  [...directory.matchAll(/[^/]\/+(?=[^/])/g)]
    .map(({ index, 0: found }) => directory.slice(0, index + found.length))
    .concat(directory);

/** Creates a directory. Returns the kernel's error message if this fails. */
function make(directory: string, { machine }: ProgramContext): string | undefined {
  const above = machine.parentOf(directory);
  if (machine.exists(directory))
    return directory.endsWith('/') && !machine.isDirectory(directory) ? 'Not a directory' : 'File exists';
  if (!machine.isDirectory(above)) return machine.exists(above) ? 'Not a directory' : 'No such file or directory';
  if (/^\/proc(\/|$)/.test(above)) return 'No such file or directory';
  return machine.makeDirectory(directory) ? undefined : 'Read-only file system';
}
