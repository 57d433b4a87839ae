// A request that never comes to a handler.

/** Why a request is not served; answered at once, and the connection ends. */
export interface RejectedRequest {
  readonly status: 400 | 431 | 501 | 505;
  /** Stands after the status in line and body; Go gives a reason for some. */
  readonly reason?: string;
}
