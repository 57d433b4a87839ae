// Defines an archive before it is written: its entries, its location, and interceptors of the write.
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
  /**
   * The content, or a function that generates the content in pieces. The pieces are generated while they are written,
   * so that large contents need no memory.
   */
  readonly content?: Buffer | (() => Iterable<Buffer>);
}

/** An archive to be written. */
export interface ArchiveJob {
  readonly snapshot: ContainerSnapshot;
  readonly entries: readonly ArchiveEntry[];
  /** The location in the client's request, not yet validated. */
  readonly location: string;
  readonly signal: AbortSignal;
  /** How the archive is written to the location. Default: as the reference persona writes it. */
  readonly policy?: WritingPolicy;
}

/** An interceptor of the write of an archive. */
export type ArchiveWrapper = Wrapper<ArchiveJob, void>;
