// The legal moves of sandboxes and containers, as tables.
import { RuntimeError } from './runtime-error';

export type SandboxPhase = 'ready' | 'stopped' | 'removed';
/** `frozen` is a running container whose processes stand still; CRI has no state of its own for it. */
export type ContainerPhase = 'created' | 'running' | 'frozen' | 'exited' | 'removed';

export type SandboxMove = 'stop' | 'remove';
export type ContainerMove = 'start' | 'fail' | 'freeze' | 'thaw' | 'exit' | 'remove';

type Table<Phase extends string, Move extends string> = Readonly<Record<Move, Readonly<Partial<Record<Phase, Phase>>>>>;

/** What is not listed is refused: a container is ended before it is removed, a sandbox stopped before it is. */
export const SANDBOX_MOVES: Table<SandboxPhase, SandboxMove> = {
  stop: { ready: 'stopped' },
  remove: { stopped: 'removed' },
};

export const CONTAINER_MOVES: Table<ContainerPhase, ContainerMove> = {
  start: { created: 'running' },
  /** A start that failed and cannot be tried again. */
  fail: { created: 'exited' },
  freeze: { running: 'frozen' },
  thaw: { frozen: 'running' },
  exit: { running: 'exited', frozen: 'exited' },
  remove: { created: 'removed', exited: 'removed' },
};

/** What CRI calls a phase. */
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

/** The numbers of the same states on the wire. */
export const CONTAINER_STATE_NUMBERS: Readonly<Record<ContainerPhase, number>> = {
  created: 0,
  running: 1,
  frozen: 1,
  exited: 2,
  removed: 3,
};

export const SANDBOX_STATE_NUMBERS: Readonly<Record<SandboxPhase, number>> = { ready: 0, stopped: 1, removed: 1 };

/** The events that moves are told by; CRI has none for freezing. */
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

/** True where the processes of the container exist. */
export const isLivePhase = (phase: ContainerPhase) => phase === 'running' || phase === 'frozen';

/** The phase after a move; throws a Refusal where the table has none. */
export function afterMove<Phase extends string, Move extends string>(
  table: Table<Phase, Move>,
  phase: Phase,
  move: Move,
): Phase {
  const next = table[move][phase];
  if (next === undefined) throw new RuntimeError('wrong-state', `cannot ${move} what is ${phase}`);
  return next;
}
