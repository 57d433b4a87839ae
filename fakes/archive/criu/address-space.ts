// Makes the address space of a process: its mappings, and the pages of these mappings that are in the checkpoint.

import { Random, seedOf } from '../../base/random';
import type { SnapshotProcess } from '../snapshot';
import { EXECUTABLE_ID } from './files';
import { type InitialStack, initialStack } from './initial-stack';
import { framedState } from './program-state';

/** Size of a page in bytes. */
export const PAGE = 4096;

const PROT = { read: 1, write: 2, execute: 4 } as const;
const MAP = { private: 0x2, anonymous: 0x20, growsDown: 0x100 } as const;
/** CRIU's own flags of a mapping (criu/include/image.h). */
const AREA = {
  regular: 0x1,
  vsyscall: 0x4,
  vdso: 0x8,
  heap: 0x20,
  filePrivate: 0x40,
  anonPrivate: 0x200,
  vvar: 0x1000,
};

const NO_FD = -1;

/** A mapping, with the names of CRIU's `vma_entry`. */
export interface Mapping {
  /** Start address; a string if a number cannot represent it exactly. */
  readonly start: number | string;
  /** Address after the mapping; a string if a number cannot represent it exactly. */
  readonly end: number | string;
  readonly pgoff: number;
  /** For the mapping of a file: the id of its entry in `files.img`. */
  readonly shmid: number;
  readonly prot: number;
  readonly flags: number;
  readonly status: number;
  readonly madv?: number;
  readonly fdflags?: number;
  /** Always NO_FD, because no mapping here belongs to an open file. */
  readonly fd: typeof NO_FD;
}

/** Consecutive pages that the checkpoint contains. */
export interface PageRun {
  /** Address of the first page. */
  readonly start: number;
  /** Number of pages. */
  readonly pages: number;
  /** Whether CRIU may load the pages only when the restored process needs them. */
  readonly lazy: boolean;
  /** The contents of exactly these pages. Default: random contents. */
  readonly bytes?: Buffer;
}

/** The memory of a process. */
export interface AddressSpace {
  readonly mappings: readonly Mapping[];
  readonly runs: readonly PageRun[];
  readonly stack: InitialStack;
  readonly heapStart: number;
  readonly heapEnd: number;
}

/** Addresses of the executable, a static program with five segments at fixed addresses and zeroed data after them. */
const CODE = { start: 0x401000, end: 0x5948bd, dataStart: 0x5ec8f8, dataEnd: 0x5f5cf0 } as const;
const SEGMENTS: readonly Mapping[] = [
  { start: 0x400000, end: 0x401000, pgoff: 0, prot: PROT.read },
  { start: 0x401000, end: 0x595000, pgoff: 0x1000, prot: PROT.read | PROT.execute },
  { start: 0x595000, end: 0x5ec000, pgoff: 0x195000, prot: PROT.read },
  { start: 0x5ec000, end: 0x5f4000, pgoff: 0x1ec000, prot: PROT.read },
  { start: 0x5f4000, end: 0x5f6000, pgoff: 0x1f4000, prot: PROT.read | PROT.write },
].map((segment) => ({
  ...segment,
  shmid: EXECUTABLE_ID,
  flags: MAP.private,
  status: AREA.regular | AREA.filePrivate,
  fdflags: 0,
  fd: NO_FD,
}));
const ZEROED = { start: 0x5f6000, end: 0x5fd000 } as const;

/** Pages of the executable that the process has changed, or that CRIU always dumps. */
const TOUCHED: readonly PageRun[] = [
  { start: 0x401000, pages: 1, lazy: false },
  { start: 0x5f1000, pages: 5, lazy: false },
  { start: 0x5f6000, pages: 1, lazy: true },
  { start: 0x5fb000, pages: 2, lazy: true },
];

const HEAP_PAGES = { mapped: 34, touched: 4 } as const;
/** Offset in the heap at which the program's own data starts, in bytes. */
export const OWN_HEAP_OFFSET = HEAP_PAGES.touched * PAGE;
const VVAR_PAGES = 6;
const VDSO_PAGES = 2;
const STACK_PAGES = { mapped: 33, touched: 3 } as const;
/** The mapping of vsyscall. Its addresses are too large for exact numbers. */
const VSYSCALL: Mapping = {
  start: '18446744073699065856',
  end: '18446744073699069952',
  pgoff: 0,
  shmid: 0,
  prot: PROT.execute,
  flags: MAP.private | MAP.anonymous,
  status: AREA.anonPrivate | AREA.vsyscall,
  fd: NO_FD,
};

/** Concatenates strings, each with its NUL and aligned to a cache line. */
function alignedStrings(strings: readonly string[]): Buffer {
  return Buffer.concat(
    strings.flatMap((string) => {
      const bytes = Buffer.from(`${string}\0`);
      return [bytes, Buffer.alloc((64 - (bytes.length % 64)) % 64)];
    }),
  );
}

/** Pads bytes to full pages. `side` is the side of the pages at which the bytes are placed. */
function paddedToPages(bytes: Buffer, minPages: number, side: 'start' | 'end'): Buffer {
  const pages = Buffer.alloc(Math.max(minPages, Math.ceil(bytes.length / PAGE)) * PAGE);
  bytes.copy(pages, side === 'start' ? 0 : pages.length - bytes.length);
  return pages;
}

function anonymous(start: number, end: number, prot: number, area = 0, flag = 0): Mapping {
  const flags = MAP.private | MAP.anonymous | flag;
  return { start, end, pgoff: 0, shmid: 0, prot, flags, status: AREA.anonPrivate | AREA.regular | area, fd: NO_FD };
}

/** Makes the address space of a process. The same process and seed give the same address space. */
export function addressSpace(process: SnapshotProcess, seed: number): AddressSpace {
  const random = new Random(seedOf('address space', seed, process.pid));
  const readWrite = PROT.read | PROT.write;
  const vvar = 0x7f0000000000 + random.below(0x0fff_ffff) * PAGE;
  const vdso = vvar + VVAR_PAGES * PAGE;
  const top = 0x7ffc00000000 + random.below(0x0020_0000) * PAGE;
  const heapStart = 0x01000000 + random.below(0x0003_0000) * PAGE;
  const state = process.state ? framedState(process.state) : Buffer.alloc(0);
  const heapBytes = paddedToPages(Buffer.concat([state, alignedStrings(process.plantedStrings)]), 0, 'start');
  const heapTouched = HEAP_PAGES.touched + heapBytes.length / PAGE;
  const heapEnd = heapStart + Math.max(HEAP_PAGES.mapped, heapTouched) * PAGE;
  const stack = initialStack(process, top, vdso, random);
  const stackBytes = paddedToPages(stack.bytes, STACK_PAGES.touched, 'end');
  const stackStart = top - Math.max(STACK_PAGES.mapped * PAGE, stackBytes.length + 2 * PAGE);
  const largePages = Math.ceil(process.memoryBytes / PAGE);
  const largeEnd = vvar - 16 * PAGE;
  const largeStart = largeEnd - largePages * PAGE;
  return {
    stack,
    heapStart,
    heapEnd,
    mappings: [
      ...SEGMENTS,
      anonymous(ZEROED.start, ZEROED.end, readWrite),
      anonymous(heapStart, heapEnd, readWrite, AREA.heap),
      ...(largePages > 0 ? [anonymous(largeStart, largeEnd, readWrite)] : []),
      { ...anonymous(vvar, vdso, PROT.read, AREA.vvar), madv: 0x10000 },
      anonymous(vdso, vdso + VDSO_PAGES * PAGE, PROT.read | PROT.execute, AREA.vdso),
      anonymous(stackStart, top, readWrite, 0, MAP.growsDown),
      VSYSCALL,
    ],
    runs: [
      ...TOUCHED,
      { start: heapStart, pages: HEAP_PAGES.touched, lazy: true },
      ...(heapBytes.length > 0
        ? [
            {
              start: heapStart + OWN_HEAP_OFFSET,
              pages: heapBytes.length / PAGE,
              lazy: true,
              bytes: heapBytes,
            },
          ]
        : []),
      ...(largePages > 0 ? [{ start: largeStart, pages: largePages, lazy: true }] : []),
      { start: vdso, pages: VDSO_PAGES, lazy: false },
      { start: top - stackBytes.length, pages: stackBytes.length / PAGE, lazy: true, bytes: stackBytes },
    ],
  };
}

/** Addresses of the executable's code and data, for `mm_entry`. */
export const EXECUTABLE_BOUNDS = CODE;
