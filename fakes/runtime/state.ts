// The legal moves of sandboxes and containers, as tables.
import { Refusal } from './refusal';

export type SandboxPhase = 'ready' | 'stopped' | 'removed';
/** `frozen` is a running container whose processes stand still; CRI has no state of its own for it. */
export type ContainerPhase = 'created' | 'running' | 'frozen' | 'exited' | 'removed';

export type SandboxMove = 'stop' | 'remove';
export type ContainerMove = 'start' | 'freeze' | 'thaw' | 'exit' | 'remove';

type Table<Phase extends string, Move extends string> = Readonly<Record<Move, Readonly<Partial<Record<Phase, Phase>>>>>;

/** What is not listed is refused: a container is ended before it is removed, a sandbox stopped before it is. */
export const SANDBOX_MOVES: Table<SandboxPhase, SandboxMove> = {
  stop: { ready: 'stopped' },
  remove: { stopped: 'removed' },
};

export const CONTAINER_MOVES: Table<ContainerPhase, ContainerMove> = {
  start: { created: 'running' },
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

/** True where the processes of the container exist. */
export const isAlive = (phase: ContainerPhase) => phase === 'running' || phase === 'frozen';

/** The phase after a move; throws a Refusal where the table has none. */
export function afterMove<Phase extends string, Move extends string>(
  table: Table<Phase, Move>,
  phase: Phase,
  move: Move,
): Phase {
  const next = table[move][phase];
  if (next === undefined) throw new Refusal('wrong-state', `cannot ${move} what is ${phase}`);
  return next;
}
