// Defines a row of the page of return codes: the response of one runtime in one circumstance.

export interface CodeRow {
  /** Runtime and version. */
  readonly runtime: string;
  readonly circumstance: string;
  /** gRPC code in upper case. */
  readonly code: string;
  readonly message: string;
  /** New files, and the state of the container afterwards. */
  readonly left: string;
  /**
   * How the response is known: measured on a running system, read in the source code, or deduced from several parts of
   * the source code.
   */
  readonly evidence: 'measured' | 'read' | 'deduced';
}
