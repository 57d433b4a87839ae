// An archive before it is written: its entries, its location, and interceptors of the write.
import type { Wrapper } from '../base/chain';
import type { ContainerSnapshot } from './snapshot';
import type { WritingPolicy } from './writing/writing-policy';

/** A member of an archive. */
export interface ArchiveEntry {
  /** Path in the archive, without a leading slash. The path of a directory ends with a slash. */
  readonly name: string;
  readonly mode: number;
  /** Size of the content in bytes; 0 for a directory. */
  readonly size: number;
  /** A function generates the content in pieces while it is written, so that large contents need no memory. */
  readonly content?: Buffer | (() => Iterable<Buffer>);
}

/** An archive to be written. */
export interface ArchiveJob {
  readonly snapshot: ContainerSnapshot;
  readonly entries: readonly ArchiveEntry[];
  /** The location in the client's request, not yet validated. */
  readonly location: string;
  readonly signal: AbortSignal;
  /** How the location is treated. Default: as by the reference persona. */
  readonly policy?: WritingPolicy;
}

/** Intercepts the write of an archive. */
export type ArchiveWrapper = Wrapper<ArchiveJob, void>;
