// An archive on its way to disk: its entries, where it goes, and a wrapper around the code that writes it.
import type { Wrapper } from '../base/chain';
import type { ContainerSnapshot } from './snapshot';
import type { WritingPolicy } from './writing/writing-policy';

/** A member of an archive; `content` is made when it is written, so that size does not cost memory. */
export interface ArchiveEntry {
  /** Path within the archive, without a leading slash; a directory ends in one. */
  readonly name: string;
  readonly mode: number;
  /** Bytes of `content`; 0 for a directory. */
  readonly size: number;
  readonly content?: Buffer | (() => Iterable<Buffer>);
}

/** An archive on its way to disk. */
export interface ArchiveJob {
  readonly snapshot: ContainerSnapshot;
  readonly entries: readonly ArchiveEntry[];
  /** Absolute path asked for by the caller, not yet checked. */
  readonly location: string;
  readonly signal: AbortSignal;
  /** What is done at the location. Default: as the reference does. */
  readonly policy?: WritingPolicy;
}

export type ArchiveWrapper = Wrapper<ArchiveJob, void>;
