// Makes the top of a process's stack as the kernel writes it at exec: argc, pointers, auxiliary vector, and strings.
import type { Random } from '../../base/random';

/** Types and values in the auxiliary vector about the executable and the machine (linux/auxvec.h). */
const AUXILIARY = {
  before: [51, 11952, 16, 529267711, 6, 4096, 17, 100, 3, 0x400040, 4, 56, 5, 11, 7, 0, 8, 0, 9, 0x4a82a0],
  owner: [11, 0, 12, 0, 13, 0, 14, 0, 23, 0],
  after: [27, 28, 28, 32],
} as const;
const AT = { sysinfo: 33, random: 25, hwcap2: 26, executable: 31, platform: 15 } as const;

/** The initial stack of a program. All numbers are addresses. */
export interface InitialStack {
  /** Address of the first byte in `bytes`. */
  readonly base: number;
  /** Everything from `base` to the top of the stack. */
  readonly bytes: Buffer;
  /** Address of argc. */
  readonly start: number;
  readonly argumentsStart: number;
  readonly argumentsEnd: number;
  readonly environmentStart: number;
  readonly environmentEnd: number;
  readonly auxiliary: readonly number[];
}

/** Concatenates strings, each with its NUL, and returns their addresses. */
function stringsAt(strings: readonly string[], at: number): { bytes: Buffer; addresses: number[] } {
  const parts = strings.map((string) => Buffer.from(`${string}\0`));
  let next = at;
  const addresses = parts.map((part) => {
    next += part.length;
    return next - part.length;
  });
  return { bytes: Buffer.concat(parts), addresses };
}

/**
 * Makes the initial stack of a program.
 * @param top address after the stack
 * @param vdso address of the vDSO, which is in the auxiliary vector
 */
export function initialStack(
  program: { readonly arguments: readonly string[]; readonly environment: readonly string[] },
  top: number,
  vdso: number,
  random: Random,
): InitialStack {
  const size = (strings: readonly string[]) => strings.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  const executable = Buffer.from(`${program.arguments[0] ?? ''}\0`);
  // The last eight bytes of a stack stay zero.
  const environmentEnd = top - 8 - executable.length;
  const environmentStart = environmentEnd - size(program.environment);
  const argumentsStart = environmentStart - size(program.arguments);
  const platform = argumentsStart - 256 - 16 * random.below(128);
  const randomBytes = platform - 16;
  const auxiliary = [
    ...[AT.sysinfo, vdso],
    ...AUXILIARY.before,
    ...AUXILIARY.owner,
    ...[AT.random, randomBytes, AT.hwcap2, 2, AT.executable, environmentEnd, AT.platform, platform],
    ...AUXILIARY.after,
  ];
  const args = stringsAt(program.arguments, argumentsStart);
  const environment = stringsAt(program.environment, environmentStart);
  const words = [args.addresses.length, ...args.addresses, 0, ...environment.addresses, 0, ...auxiliary, 0, 0];
  const start = Math.floor((randomBytes - 8 * words.length) / 16) * 16;

  const bytes = Buffer.alloc(top - start);
  words.forEach((word, i) => {
    bytes.writeBigUInt64LE(BigInt(word), 8 * i);
  });
  for (let i = 0; i < 4; i++) bytes.writeUInt32LE(random.next(), randomBytes - start + 4 * i);
  bytes.write('x86_64', platform - start);
  args.bytes.copy(bytes, argumentsStart - start);
  environment.bytes.copy(bytes, environmentStart - start);
  executable.copy(bytes, environmentEnd - start);
  return {
    base: start,
    bytes,
    start,
    argumentsStart,
    argumentsEnd: environmentStart,
    environmentStart,
    environmentEnd,
    auxiliary,
  };
}
