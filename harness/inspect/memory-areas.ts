// Determines the memory areas of a process, their kinds, and how much of each is in the archive.
import type { CriuMessage } from '../../proto/load';
import type { MemoryArea } from './inspection';

/** CRIU's status bits of an area. */
const STATUS = { stack: 0x2, kernel: 0x4 | 0x8 | 0x1000, heap: 0x20, filePrivate: 0x40, shared: 0x80 | 0x100 | 0x400 };
/** Flags of `mmap`. */
const MAP_GROWSDOWN = 0x100;
const PROT_EXEC = 0x4;
/** Maximum number of areas of a process that are listed. */
const MAX_AREAS = 1_000;

function kindOf({ status = 0, flags = 0, prot = 0 }: CriuMessage<'vma_entry'>): MemoryArea['kind'] {
  if ((status & STATUS.kernel) !== 0) return 'kernel';
  if ((status & STATUS.stack) !== 0 || (flags & MAP_GROWSDOWN) !== 0) return 'stack';
  if ((status & STATUS.heap) !== 0) return 'heap';
  if ((status & STATUS.shared) !== 0) return 'shared';
  if ((status & STATUS.filePrivate) === 0) return 'anonymous';
  return (prot & PROT_EXEC) !== 0 ? 'code' : 'file';
}

/** Counts the pages of a process by area. */
export class MemoryAreas {
  readonly #areas: {
    readonly kind: MemoryArea['kind'];
    readonly start: number;
    readonly end: number;
    dumped: number;
  }[];

  constructor(mm: CriuMessage<'mm_entry'> | undefined) {
    this.#areas = (mm?.vmas ?? [])
      .slice(0, MAX_AREAS)
      .map((vma) => ({ kind: kindOf(vma), start: Number(vma.start ?? 0), end: Number(vma.end ?? 0), dumped: 0 }))
      .filter(({ start, end }) => start < end)
      .sort((a, b) => a.start - b.start);
  }

  /** Counts pages that are in the archive, by their address and size in bytes. */
  count(address: number, bytes: number): void {
    let [low, high] = [0, this.#areas.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#areas[middle]?.end ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    for (const area of this.#areas.slice(low, low + MAX_AREAS)) {
      if (area.start >= address + bytes) return;
      area.dumped += Math.max(0, Math.min(area.end, address + bytes) - Math.max(area.start, address));
    }
  }

  /** Returns the areas by address. */
  list(): MemoryArea[] {
    return this.#areas.map(({ kind, start, end, dumped }) => ({
      kind,
      start: `0x${start.toString(16)}`,
      bytes: end - start,
      // Limit the size to the size of the area, because broken pagemaps may list addresses twice.
      dumpedBytes: Math.min(dumped, end - start),
    }));
  }
}
