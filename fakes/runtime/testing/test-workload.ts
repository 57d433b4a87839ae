// Runs command lines for tests, on a clock that the test advances.
import { ManualClock } from '../../base/clock';
import { Machine } from '../machine/machine';
import { NOWHERE } from '../machine/surroundings';
import { Workload } from '../process/workload';
import { recognise } from '../shell/script';

/** Runs a command line, and collects its output and its exit code. */
export function run(...argv: string[]) {
  const clock = new ManualClock(Date.UTC(2026, 10, 3, 12, 1, 7));
  const output: string[] = [];
  const exits: number[] = [];
  const machine = new Machine({ ...NOWHERE, environment: () => ['HOME=/root'] }, '/srv');
  const events = {
    write: (stream: string, text: string) =>
      output.push(...`${stream === 'stdout' ? '' : `${stream}: `}${text}`.trimEnd().split('\n')),
    exit: (code: number) => exits.push(code),
  };
  const workload = new Workload(recognise(argv), clock, events, { machine, argv });
  workload.start();
  clock.advance(0);
  return { clock, workload, machine, output, exits };
}

/** Runs a shell script like `run`. */
export const sh = (script: string) => run('/bin/sh', '-c', script);
