// Process numbers for processes that do not exist.

/** The largest number that Linux gives to a process. */
const MAX_REAL_PID = 4_194_304;

/** A number that depends on the id alone and that no real process can have. */
export const pidOf = (id: string) => MAX_REAL_PID + 1 + (Number.parseInt(id.slice(0, 6), 16) || 0);
