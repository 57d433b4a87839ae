// Executes the instructions of a script.
import path from 'node:path';
import { duration } from '../programs/duration';
import type { Instruction } from '../shell/instruction';
import { NETCAT_BACKLOG, type Netcat } from '../shell/netcat';
import { basename } from '../shell/script';
import type { Word } from '../shell/shell-words';
import type { Shell } from './workload-shell';

/**
 * Duration of one iteration of a loop that never sleeps, milliseconds. Without this delay, the loop would block Node's
 * event loop.
 */
const BUSY_LOOP_MS = 10;

/** The operations of a process that instructions use. */
export interface Process {
  readonly shell: Shell;
  readonly argv: readonly string[];
  /** Returns the current time, milliseconds since the epoch. */
  now(): number;
  /** Sleeps for `ms` milliseconds. */
  sleep(ms: number): void;
  spawn(words: readonly Word[]): void;
  /** Starts a child process and waits for it. */
  call(words: readonly Word[]): void;
  /** Waits for all children, if there are any. */
  wait(): void;
  exit(code: number): void;
}

function sleep(word: Word, process: Process): void {
  const { shell } = process;
  const amount = shell.expand(word);
  const milliseconds = duration(amount);
  if (milliseconds === undefined) {
    shell.print('stderr', `sleep: invalid number '${amount}'\n`);
    shell.status = 1;
    return;
  }
  // A process that is itself `sleep` needs no child process for the sleep.
  if (basename(process.argv[0] ?? '') !== 'sleep') shell.sleeper = { pid: shell.machine.nextPid(), amount };
  shell.status = 0;
  shell.rested = milliseconds > 0;
  process.sleep(milliseconds);
}

/** Runs netcat until it is stopped. If the socket cannot be opened, it prints an error and fails with exit code 1. */
function runNetcat({ listens, path: word }: Netcat, { shell, sleep }: Process): void {
  const at = path.posix.resolve(shell.machine.workingDirectory, shell.expand(word));
  const { sockets, sinks } = shell;
  const fault = listens ? sockets.listen(at, NETCAT_BACKLOG, sinks) : sockets.connect(at, sinks);
  shell.status = fault === undefined ? 0 : 1;
  if (fault === undefined) sleep(Number.POSITIVE_INFINITY);
  else shell.print('stderr', `nc: unix ${listens ? 'bind' : 'connect'} failed: ${fault}\n`);
}

function jump({ to, overWords }: Instruction & { do: 'jump' }, { shell, sleep }: Process): void {
  const back = to < shell.place && !overWords;
  shell.place = to;
  if (!back) return;
  if (!shell.rested) sleep(BUSY_LOOP_MS);
  shell.rested = false;
}

/** Executes one instruction. The shell's position must already be after the instruction. */
export function perform(instruction: Instruction, process: Process): void {
  const { shell } = process;
  switch (instruction.do) {
    case 'set':
      shell.set(instruction.name, instruction.value);
      return;
    case 'run':
      shell.run(instruction.words, instruction.redirections, process.now());
      return;
    case 'redirect':
      shell.redirect(instruction.redirections);
      return;
    case 'sleep':
      sleep(instruction.amount, process);
      return;
    case 'spawn':
      process.spawn(instruction.words);
      shell.status = 0;
      return;
    case 'call':
      process.call(instruction.words);
      return;
    case 'netcat':
      runNetcat(instruction, process);
      return;
    case 'wait':
      process.wait();
      shell.status = 0;
      return;
    case 'jump':
      jump(instruction, process);
      return;
    case 'rounds':
      shell.beginRounds(instruction.words);
      return;
    case 'round':
      if (!shell.nextRound(instruction.name)) shell.place = instruction.to;
      return;
    case 'branch':
      if ((shell.status === 0) === (instruction.when === 'ok')) shell.place = instruction.to;
      return;
    case 'trap':
      shell.reaction = instruction.reaction;
      shell.status = 0;
      return;
    case 'exit': {
      const code = instruction.code ? Number(shell.expand(instruction.code)) : shell.status;
      process.exit(Number.isInteger(code) ? ((code % 256) + 256) % 256 : 2);
    }
  }
}
