// Simulates programs that work on files.
import type { ProgramContext } from './program-context';

export function cat(files: readonly string[], { machine, out, error }: ProgramContext): number {
  let code = 0;
  for (const file of files) {
    const text = machine.read(file);
    if (text !== undefined) out(text);
    else {
      error(
        `cat: ${machine.isDirectory(file) ? `read error: Is a directory` : `can't open '${file}': No such file or directory`}\n`,
      );
      code = 1;
    }
  }
  return code;
}

/** Removes files. `-r` also removes directories with their contents, `-f` ignores missing files. */
export function rm(args: readonly string[], { machine, error }: ProgramContext): number {
  const has = (flags: RegExp) => args.some((arg) => arg.startsWith('-') && flags.test(arg));
  const [force, whole] = [has(/f/), has(/[rR]/)];
  let code = 0;
  const refuse = (sentence: string) => {
    error(`rm: ${sentence}\n`);
    code = 1;
  };
  for (const file of args.filter((arg) => !arg.startsWith('-'))) {
    const isDirectory = machine.isDirectory(file);
    if (isDirectory && !whole) refuse(`'${file}' is a directory`);
    else if (machine.surroundings.isReadOnly(file) && machine.exists(file)) {
      refuse(`can't remove '${file}': Read-only file system`);
    } else if (isDirectory) machine.removeDirectory(file);
    else if (!machine.remove(file) && !force) refuse(`can't remove '${file}': No such file or directory`);
  }
  return code;
}

export function touch(files: readonly string[], { machine, error }: ProgramContext): number {
  let code = 0;
  for (const file of files) {
    const done =
      machine.read(file) === undefined ? machine.write(file, '', false) : !machine.surroundings.isReadOnly(file);
    if (done) continue;
    error(`touch: ${file}: Read-only file system\n`);
    code = 1;
  }
  return code;
}

/**
 * Lists one name per line, as `ls` does when the output is not a terminal. `-a` and `-A` include hidden names; other
 * flags are ignored.
 */
export function ls(args: readonly string[], { machine, out, error }: ProgramContext): number {
  const all = args.some((arg) => /^-\w*[aA]/.test(arg));
  const asked = args.filter((arg) => !arg.startsWith('-'));
  let code = 0;
  for (const file of asked.length > 0 ? asked : [machine.workingDirectory]) {
    const names = machine.names(file) ?? (machine.read(file) === undefined ? undefined : [file]);
    if (names) {
      for (const name of names) if (all || !name.startsWith('.')) out(`${name}\n`);
      continue;
    }
    error(`ls: ${file}: No such file or directory\n`);
    code = 1;
  }
  return code;
}
