// Defines values that several kinds of open files share.

/** The `fown_entry` of a file whose owner gets no signals about it. */
export const NO_OWNER = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 } as const;

/** Socket options without timeouts. */
export const NO_TIMEOUTS = { so_snd_tmo_sec: 0, so_snd_tmo_usec: 0, so_rcv_tmo_sec: 0, so_rcv_tmo_usec: 0 } as const;

/** CRIU's id of the network namespace of the node. All containers of the fakes are in this namespace. */
export const NETWORK_NAMESPACE = 2;
