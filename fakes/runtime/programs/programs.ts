// Defines the programs that scripts and ExecSync can run.

import type { Machine } from '../machine/machine';
import { expr } from './expr';
import { cat, ls, rm, touch } from './file-programs';
import { mkdir } from './mkdir';
import { id, pgrep, whoami } from './process-programs';
import type { ProgramContext, ShellProgram } from './program-context';
import { seq } from './seq';

/** Formats a time as `date` prints it in UTC. */
function unixDate(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day?.replace(/^0/, ' ')} ${time} UTC ${year}`;
}

const COMPARISONS: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '-eq': (left, right) => Number(left) === Number(right),
  '-ne': (left, right) => Number(left) !== Number(right),
  '-lt': (left, right) => Number(left) < Number(right),
  '-le': (left, right) => Number(left) <= Number(right),
  '-gt': (left, right) => Number(left) > Number(right),
  '-ge': (left, right) => Number(left) >= Number(right),
};

function test(args: readonly string[], machine: Machine): number {
  if (args[0] === '!') return test(args.slice(1), machine) === 0 ? 1 : 0;
  const [first = '', second = '', third] = args;
  if (third !== undefined) {
    const compare = COMPARISONS[second];
    return compare ? Number(!compare(first, third)) : 2;
  }
  if (args.length === 1) return Number(first === '');
  switch (first) {
    case '-n':
      return Number(second === '');
    case '-z':
      return Number(second !== '');
    case '-d':
      return Number(!machine.isDirectory(second));
    case '-s':
      return Number(!machine.read(second));
    case '-f':
      return Number(machine.read(second) === undefined);
    case '-S':
      return Number(!machine.isSocket(second));
    case '-e':
    case '-r':
    case '-w':
    case '-x':
      return Number(!machine.exists(second));
  }
  return args.length === 0 ? 1 : 2;
}

function echo(args: readonly string[], { out }: ProgramContext): number {
  const bare = args[0] === '-n';
  out((bare ? args.slice(1) : args).join(' ') + (bare ? '' : '\n'));
  return 0;
}

/**
 * Prints arguments according to a format. Supports `%s`, `%d`, `%%` and the escapes `\n`, `\t` and `\\`. A missing
 * argument is an empty text.
 */
function printf([format = '', ...args]: readonly string[], { out }: ProgramContext): number {
  let next = 0;
  const text = format.replace(/%[sd%]|\\[nt\\]/g, (code) => {
    if (code === '%%') return '%';
    if (code.startsWith('%')) return args[next++] ?? '';
    return code === '\\n' ? '\n' : code === '\\t' ? '\t' : '\\';
  });
  out(text);
  return 0;
}

function env(args: readonly string[], { machine, out }: ProgramContext): number {
  if (args.length > 0) return 127;
  out(machine.environment.map((pair) => `${pair}\n`).join(''));
  return 0;
}

function printenv([name, ...more]: readonly string[], context: ProgramContext): number {
  if (name === undefined) return env([], context);
  const value = context.machine.variable(name);
  if (value === undefined || more.length > 0) return 1;
  context.out(`${value}\n`);
  return 0;
}

const PROGRAMS: Readonly<Record<string, ShellProgram>> = {
  true: () => 0,
  ':': () => 0,
  false: () => 1,
  echo,
  printf,
  cat,
  env,
  printenv,
  rm,
  touch,
  mkdir,
  seq,
  expr,
  ls,
  id,
  whoami,
  pgrep,
  test: (args, { machine }) => test(args, machine),
  '[': (args, { machine }) => (args.at(-1) === ']' ? test(args.slice(0, -1), machine) : 2),
  date: (_args, { now, out }) => {
    out(`${unixDate(now)}\n`);
    return 0;
  },
  hostname: (_args, { machine, out }) => {
    out(`${machine.variable('HOSTNAME') ?? ''}\n`);
    return 0;
  },
  pwd: (_args, { machine, out }) => {
    out(`${machine.workingDirectory}\n`);
    return 0;
  },
};

export const PROGRAM_NAMES = Object.keys(PROGRAMS);

export const isProgram = (name: string) => Object.hasOwn(PROGRAMS, name);

/**
 * Runs a program. If it does not exist, prints the shell's error message.
 * @returns the exit code; 127 if the program does not exist
 */
export function runProgram(name: string, args: readonly string[], context: ProgramContext): number {
  const program = isProgram(name) ? PROGRAMS[name] : undefined;
  if (program) return program(args, context);
  context.error(`sh: ${name}: not found\n`);
  return 127;
}
