// What the entries of open files have in common.

/** Nobody is sent a signal when something can be read. */
export const NOBODY = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 } as const;

export const NO_TIMEOUTS = { so_snd_tmo_sec: 0, so_snd_tmo_usec: 0, so_rcv_tmo_sec: 0, so_rcv_tmo_usec: 0 } as const;

/** CRIU's id of the host's network namespace, which no container here leaves. */
export const NETWORK = 2;
