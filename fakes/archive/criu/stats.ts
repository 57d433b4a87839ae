// Makes stats-dump, CRIU's measurements of a dump.

import { Random, seedOf } from '../../base/random';
import type { AddressSpace } from './address-space';
import { image } from './criu-image';
import { pageCount } from './memory';

/** Number of pages of each process that CRIU scans but does not write. */
const SCANNED_ONLY = 7;
const PIPES_PER_PROCESS = 4;
/** Times to read and to write a page, microseconds. */
const COST = { read: 0.9, write: 0.35 } as const;

/** Times of a dump, microseconds. */
export interface DumpTimes {
  readonly freezing: number;
  readonly frozen: number;
  readonly memoryRead: number;
  readonly memoryWritten: number;
}

/** The largest time that the format can store, microseconds. It stores times in 32 bits. */
const MAX_TIME = 0xffffffff;

/** Computes the times of a dump from the number of pages. */
export function dumpTimes(spaces: readonly AddressSpace[], seed: number): DumpTimes {
  const random = new Random(seedOf('times', seed));
  const pages = spaces.reduce((sum, space) => sum + pageCount(space), 0);
  const memoryRead = Math.min(MAX_TIME, Math.round(700 + random.below(100) + pages * COST.read));
  const memoryWritten = Math.min(MAX_TIME, Math.round(80 + random.below(20) + pages * COST.write));
  const freezing = 200 + random.below(100);
  return {
    freezing,
    frozen: Math.min(MAX_TIME, 24_000 + random.below(3000) + memoryRead + memoryWritten),
    memoryRead,
    memoryWritten,
  };
}

/** Makes the `stats-dump` for the address spaces of all processes. */
export function statsDump(spaces: readonly AddressSpace[], times: DumpTimes): Buffer {
  const written = spaces.reduce((sum, space) => sum + pageCount(space), 0);
  return image('stats', [
    {
      dump: {
        freezing_time: times.freezing,
        frozen_time: times.frozen,
        memdump_time: times.memoryRead,
        memwrite_time: times.memoryWritten,
        pages_scanned: written + SCANNED_ONLY * spaces.length,
        pages_skipped_parent: 0,
        pages_written: written,
        irmap_resolve: 0,
        pages_lazy: 0,
        page_pipes: PIPES_PER_PROCESS * spaces.length,
        page_pipe_bufs: PIPES_PER_PROCESS * spaces.length,
        shpages_scanned: 0,
        shpages_skipped_parent: 0,
        shpages_written: 0,
      },
    },
  ]);
}
