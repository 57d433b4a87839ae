// `expr`: evaluates integer arithmetic and comparisons, with the rules and messages of GNU coreutils.
import type { ProgramContext } from './program-context';

class ExprError extends Error {}

const INTEGER = /^-?\d+$/;
const HIGHEST_FIRST: readonly (readonly string[])[] = [
  ['*', '/', '%'],
  ['+', '-'],
  ['<', '<=', '=', '==', '!=', '>=', '>'],
];

function integer(text: string): bigint {
  if (!INTEGER.test(text)) throw new ExprError('non-integer argument');
  return BigInt(text);
}

/** Compares two integers as numbers, and all other values as text. */
function compare(left: string, right: string): number {
  const [a, b] = INTEGER.test(left) && INTEGER.test(right) ? [BigInt(left), BigInt(right)] : [left, right];
  return a < b ? -1 : Number(a > b);
}

function divisor(text: string): bigint {
  const number = integer(text);
  if (number === 0n) throw new ExprError('division by zero');
  return number;
}

const OPERATORS: Readonly<Record<string, (left: string, right: string) => bigint | boolean>> = {
  '*': (left, right) => integer(left) * integer(right),
  '/': (left, right) => integer(left) / divisor(right),
  '%': (left, right) => integer(left) % divisor(right),
  '+': (left, right) => integer(left) + integer(right),
  '-': (left, right) => integer(left) - integer(right),
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '=': (left, right) => compare(left, right) === 0,
  '==': (left, right) => compare(left, right) === 0,
  '!=': (left, right) => compare(left, right) !== 0,
  '>=': (left, right) => compare(left, right) >= 0,
  '>': (left, right) => compare(left, right) > 0,
};

/** The arguments, and the index of the next one. */
interface Cursor {
  readonly args: readonly string[];
  at: number;
}

function next(cursor: Cursor): string {
  const { args, at } = cursor;
  const arg = args[at];
  if (arg === undefined) throw new ExprError(`syntax error: missing argument after '${args[at - 1]}'`);
  cursor.at += 1;
  return arg;
}

function operand(cursor: Cursor): string {
  const first = next(cursor);
  // The value of `+ TOKEN` is TOKEN. A counter without an initial value relies on this: `expr + 1` prints 1.
  if (first === '+') return next(cursor);
  if (first === ')') throw new ExprError("syntax error: unexpected ')'");
  if (first !== '(') return first;
  const inner = operation(cursor);
  const last = cursor.args[cursor.at - 1];
  if (cursor.args[cursor.at] !== ')') throw new ExprError(`syntax error: expecting ')' after '${last}'`);
  cursor.at += 1;
  return inner;
}

/** Evaluates the operators of one level and of all levels that bind more tightly. */
function operation(cursor: Cursor, level = HIGHEST_FIRST.length - 1): string {
  const operators = HIGHEST_FIRST[level];
  if (operators === undefined) return operand(cursor);
  let value = operation(cursor, level - 1);
  for (;;) {
    const operator = cursor.args[cursor.at] ?? '';
    const apply = operators.includes(operator) ? OPERATORS[operator] : undefined;
    if (!apply) return value;
    cursor.at += 1;
    const result = apply(value, operation(cursor, level - 1));
    value = String(typeof result === 'boolean' ? Number(result) : result);
  }
}

/** Prints the result. Returns 1 if the result is 0 or empty, 2 if the expression is not valid, else 0. */
export function expr(args: readonly string[], { out, error }: ProgramContext): number {
  try {
    if (args.length === 0) throw new ExprError('missing operand');
    const cursor = { args, at: 0 };
    const result = operation(cursor);
    const left = args[cursor.at];
    if (left !== undefined) throw new ExprError(`syntax error: unexpected argument '${left}'`);
    out(`${result}\n`);
    return Number(result === '' || result === '0');
  } catch (fault) {
    if (!(fault instanceof ExprError)) throw fault;
    error(`expr: ${fault.message}\n`);
    return 2;
  }
}
