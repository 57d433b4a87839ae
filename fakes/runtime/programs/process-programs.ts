// Simulates programs that print processes and users.

import { userName } from '../machine/accounts';
import type { ProgramContext } from './program-context';

/**
 * Prints the ids of the user. Supports `-u`, `-g` and `-G`, each also with `-n` for names, and prints everything if
 * there is no flag.
 */
export function id(args: readonly string[], { machine, out, error }: ProgramContext): number {
  const { uid, gid, groups } = machine.surroundings.user();
  const flags = args.join('').replaceAll('-', '');
  // In simulated images a group has the same name as its user.
  const named = (number: string) => (flags.includes('n') ? (userName(number) ?? number) : number);
  const full = (number: string) => {
    const name = userName(number);
    return name === undefined ? number : `${number}(${name})`;
  };
  if (flags === '') out(`uid=${full(uid)} gid=${full(gid)} groups=${[...new Set(groups)].map(full).join(',')}\n`);
  else if (flags.includes('G')) out(`${[...new Set(groups)].map(named).join(' ')}\n`);
  else if (flags.includes('g')) out(`${named(gid)}\n`);
  else if (flags.includes('u')) out(`${named(uid)}\n`);
  else {
    error(`id: unrecognized option: ${flags}\n`);
    return 1;
  }
  return 0;
}

export function whoami(_args: readonly string[], { machine, out, error }: ProgramContext): number {
  const { uid } = machine.surroundings.user();
  const name = userName(uid);
  if (name === undefined) error(`whoami: unknown uid ${uid}\n`);
  else out(`${name}\n`);
  return Number(name === undefined);
}

/**
 * Prints the PIDs of processes whose program name contains the pattern. With `-f`, the whole command line is searched.
 */
export function pgrep(args: readonly string[], { machine, out }: ProgramContext): number {
  const whole = args.includes('-f');
  const pattern = args.find((arg) => !arg.startsWith('-'));
  if (pattern === undefined) return 2;
  const found = machine.surroundings.processes().filter(({ arguments: [program = '', ...rest] }) => {
    const name = program.slice(program.lastIndexOf('/') + 1);
    return name !== 'pgrep' && (whole ? [program, ...rest].join(' ') : name).includes(pattern);
  });
  for (const { pid } of found) out(`${pid}\n`);
  return Number(found.length === 0);
}
