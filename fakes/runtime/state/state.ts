// Defines tables of the legal moves between the phases of sandboxes and containers.
import { RuntimeError } from './runtime-error';

export type SandboxPhase = 'ready' | 'stopped' | 'removed';
/** A `frozen` container is running, but its processes are paused. CRI has no separate state for frozen containers. */
export type ContainerPhase = 'created' | 'running' | 'frozen' | 'exited' | 'removed';

export type SandboxMove = 'stop' | 'remove';
export type ContainerMove = 'start' | 'fail' | 'freeze' | 'thaw' | 'exit' | 'remove';

type Table<Phase extends string, Move extends string> = Readonly<Record<Move, Readonly<Partial<Record<Phase, Phase>>>>>;

/** Moves that are not listed are refused. For example, a container must exit before it is removed. */
export const SANDBOX_MOVES: Table<SandboxPhase, SandboxMove> = {
  stop: { ready: 'stopped' },
  remove: { stopped: 'removed' },
};

export const CONTAINER_MOVES: Table<ContainerPhase, ContainerMove> = {
  start: { created: 'running' },
  /** The container could not be started and cannot be started again. */
  fail: { created: 'exited' },
  freeze: { running: 'frozen' },
  thaw: { frozen: 'running' },
  exit: { running: 'exited', frozen: 'exited' },
  remove: { created: 'removed', exited: 'removed' },
};

/** The CRI state of each phase. */
export const CONTAINER_STATES = {
  created: 'CONTAINER_CREATED',
  running: 'CONTAINER_RUNNING',
  frozen: 'CONTAINER_RUNNING',
  exited: 'CONTAINER_EXITED',
  removed: 'CONTAINER_UNKNOWN',
} as const satisfies Record<ContainerPhase, string>;

export const SANDBOX_STATES = {
  ready: 'SANDBOX_READY',
  stopped: 'SANDBOX_NOTREADY',
  removed: 'SANDBOX_NOTREADY',
} as const satisfies Record<SandboxPhase, string>;

/** The numbers of these states in protobuf messages. */
export const CONTAINER_STATE_NUMBERS: Readonly<Record<ContainerPhase, number>> = {
  created: 0,
  running: 1,
  frozen: 1,
  exited: 2,
  removed: 3,
};

export const SANDBOX_STATE_NUMBERS: Readonly<Record<SandboxPhase, number>> = { ready: 0, stopped: 1, removed: 1 };

/** The events that are sent after each move. CRI has no event for freezing. */
export const CONTAINER_EVENTS = {
  start: 'CONTAINER_STARTED_EVENT',
  fail: undefined,
  freeze: undefined,
  thaw: undefined,
  exit: 'CONTAINER_STOPPED_EVENT',
  remove: 'CONTAINER_DELETED_EVENT',
} as const satisfies Record<ContainerMove, string | undefined>;

export const SANDBOX_EVENTS = {
  stop: 'CONTAINER_STOPPED_EVENT',
  remove: 'CONTAINER_DELETED_EVENT',
} as const satisfies Record<SandboxMove, string>;

/** Returns whether the container's processes exist. */
export const isLivePhase = (phase: ContainerPhase) => phase === 'running' || phase === 'frozen';

/**
 * Returns the phase after a move.
 * @throws RuntimeError if the table does not contain the move
 */
export function afterMove<Phase extends string, Move extends string>(
  table: Table<Phase, Move>,
  phase: Phase,
  move: Move,
): Phase {
  const next = table[move][phase];
  if (next === undefined) throw new RuntimeError('wrong-state', `cannot ${move} what is ${phase}`);
  return next;
}
