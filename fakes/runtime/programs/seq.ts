// `seq`: prints a sequence of numbers, as busybox does.
import type { ProgramContext } from './program-context';

/** Maximum number of items in a sequence. A longer sequence is refused, because the whole sequence is in memory. */
const MAX_ITEMS = 100_000;
const USAGE = 'Usage: seq [-w] [-s SEP] [FIRST [INC]] LAST\n';

const decimals = (number: string) => /\.(\d+)$/.exec(number)?.[1]?.length ?? 0;

/**
 * Prints a sequence of numbers. `-w` pads with zeros, and `-s` sets the separator. Arguments after the first number are
 * not read as flags.
 */
export function seq(args: readonly string[], { out, error }: ProgramContext): number {
  let rest = args;
  let separator = '\n';
  let filled = false;
  const refuse = (why = '') => {
    error(`${why}${USAGE}`);
    return 1;
  };
  for (let flag = rest[0]; flag !== undefined && /^-./.test(flag); flag = rest[0]) {
    const [, letters = '', between] = /^-(w*)(s.*)?$/.exec(flag) ?? [];
    if (flag !== `-${letters}${between ?? ''}`) return refuse(`seq: invalid option -- '${flag.charAt(1)}'\n`);
    if (letters !== '') filled = true;
    rest = rest.slice(1);
    if (between === undefined) continue;
    const attached = between.slice(1);
    separator = attached || (rest[0] ?? '');
    if (attached === '') rest = rest.slice(1);
  }
  if (rest.length === 0 || rest.length > 3 || rest.some((one) => one.trim() === '' || !Number.isFinite(Number(one)))) {
    return refuse();
  }
  const last = rest.at(-1) ?? '';
  const first = rest.length > 1 ? (rest[0] ?? '1') : '1';
  const step = rest.length > 2 ? (rest[1] ?? '1') : '1';
  const count = Math.floor((Number(last) - Number(first)) / Number(step) + 1e-9) + 1;
  if (!(count <= MAX_ITEMS)) {
    error(`seq: more than ${MAX_ITEMS} numbers are not simulated\n`);
    return 1;
  }
  const places = Math.max(decimals(first), decimals(step));
  const numbers = Array.from({ length: Math.max(0, count) }, (_, index) =>
    (Number(first) + index * Number(step)).toFixed(places),
  );
  const width = Math.max(0, ...[first, last].map((one) => Number(one).toFixed(places).length));
  const shown = filled ? numbers.map((one) => padded(one, width)) : numbers;
  if (shown.length > 0) out(`${shown.join(separator)}\n`);
  return 0;
}

const padded = (number: string, width: number) =>
  number.startsWith('-') ? `-${number.slice(1).padStart(width - 1, '0')}` : number.padStart(width, '0');
