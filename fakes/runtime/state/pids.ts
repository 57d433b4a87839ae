// Assigns PIDs to simulated processes.

/** The largest PID that Linux assigns. */
const MAX_REAL_PID = 4_194_304;

/** Returns a PID that depends only on the id and that no real process can have. */
export const pidOf = (id: string) => MAX_REAL_PID + 1 + (Number.parseInt(id.slice(0, 6), 16) || 0);
