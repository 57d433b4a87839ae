// Defines requests that never reach a handler.

/** Why a request is rejected. The server responds at once and closes the connection. */
export interface RejectedRequest {
  readonly status: 400 | 431 | 501 | 505;
  /** The reason that Go adds to the status in the status line and in the body. Default: none. */
  readonly reason?: string;
}
