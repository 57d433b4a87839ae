// One answer of a runtime in one circumstance, as the page of return codes tells it.

export interface CodeRow {
  /** Runtime and version. */
  readonly runtime: string;
  readonly circumstance: string;
  /** gRPC code, in upper case. */
  readonly code: string;
  readonly message: string;
  /** What is there afterwards that was not there before, and how the container is. */
  readonly left: string;
  /** Seen on a running system; read in the source; or put together from several places of it. */
  readonly evidence: 'measured' | 'read' | 'deduced';
}
