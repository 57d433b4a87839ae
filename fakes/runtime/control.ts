// The back door to a fake runtime: what no CRI client can do or see.

import type { ExecRule, ExecRules } from './api/exec-rules';
import type { CheckpointPace } from './checkpoint/checkpoint';
import type { CheckpointImage } from './checkpoint/checkpoint-image';
import type { Image } from './state/images';
import { BEYOND_CALLS, type Lifecycle } from './state/lifecycle';
import type { Registry, RegistryRule } from './state/registry';
import { RuntimeError } from './state/runtime-error';
import { CONTAINER_STATES, SANDBOX_STATES } from './state/state';
import type { Container, Sandbox, Store } from './state/store';

export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** As its configuration names it. */
  readonly image: string;
  /** As CRI has it. */
  readonly state: string;
  readonly frozen: boolean;
  readonly exitCode: number;
  readonly logPath: string;
  /** Whether it was recreated from a checkpoint. */
  readonly restored: boolean;
  /** Variables of the script that it runs. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface SandboxView {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly state: string;
}

export interface RuntimeView {
  readonly sandboxes: readonly SandboxView[];
  readonly containers: readonly ContainerView[];
  /** Tags, and ids of images without one. */
  readonly images: readonly string[];
}

export interface RuntimeControl {
  /** Stops the time of a running container, which CRI goes on to call running. Ids may be given by their start. */
  freeze(id: string): void;
  /** Takes back a `freeze`. */
  thaw(id: string): void;
  /** Ends a running container as if its program had. */
  exit(id: string, code: number, reason?: string): void;
  /** Adds an image without a pull, whatever the registry's rules say of who may have it. */
  addImage(reference: string): void;
  /**
   * Adds an image made from the archive of a checkpoint, of which containers can be created. Throws a UserError where the
   * file is none.
   */
  addCheckpointImage(image: CheckpointImage): Promise<void>;
  /** One container, by its id or the only start of one; undefined where there is none, or several. */
  container(id: string): ContainerView | undefined;
  /** One sandbox, as `container`. */
  sandbox(id: string): SandboxView | undefined;
  /** Everything there is, as plain data. */
  state(): RuntimeView;
  /** Cuts every connection of clients; new ones are taken. */
  disconnect(): void;
  /** Cuts every connection and listens anew at the same endpoint, with all that the runtime knows; containers go on. */
  restart(): Promise<void>;
  /** What the registry has, in place of the rules before. */
  setRegistry(rules: readonly RegistryRule[]): void;
  /** Answers of ExecSync, in place of the rules before. */
  setExec(rules: readonly ExecRule[]): void;
  /** How long a container stands still per MiB of its memory while it is checkpointed (milliseconds), from now on. */
  setCheckpointTime(millisecondsPerMiB: number): void;
  /**
   * Takes away all sandboxes and containers but those of the sandboxes to keep, which thaw; images, rules and the time
   * of checkpoints are again those of the start; the call log is empty.
   */
  reset(keep?: ReadonlySet<string>): void;
}

/** What the back door reaches beside the store. */
export interface ControlParts {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  readonly registry: Registry;
  readonly execRules: ExecRules;
  readonly pace: CheckpointPace;
  /** Of the start; a reset brings them back. */
  readonly images: readonly Image[];
  /** Makes an image, its content kept for as long as the runtime runs. */
  readonly checkpointImage: (image: CheckpointImage) => Promise<Image>;
  readonly clearLog: () => void;
  readonly disconnect: () => void;
  readonly restart: () => Promise<void>;
}

const sandboxView = ({ id, config, phase }: Sandbox): SandboxView => ({
  id,
  name: config.metadata?.name ?? '',
  namespace: config.metadata?.namespace ?? '',
  state: SANDBOX_STATES[phase],
});

const containerView = ({
  id,
  config,
  sandbox,
  phase,
  exitCode,
  logPath,
  workload,
  restored,
}: Container): ContainerView => ({
  id,
  name: config.metadata?.name ?? '',
  sandboxId: sandbox.id,
  image: config.image?.user_specified_image || config.image?.image || '',
  state: CONTAINER_STATES[phase],
  frozen: phase === 'frozen',
  exitCode,
  logPath,
  restored: restored !== undefined,
  variables: Object.fromEntries(workload?.variables ?? []),
});

/** What `find` finds, or undefined where it refuses: for an id that is nobody's, empty, or the start of several. */
function ifOne<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof RuntimeError) return undefined;
    throw error;
  }
}

export function runtimeControl(parts: ControlParts): RuntimeControl {
  const { store, lifecycle, registry, execRules, pace, images, checkpointImage, clearLog, disconnect, restart } = parts;
  const registryRules = registry.rules;
  const rulesOfExec = execRules.rules;
  const { millisecondsPerMiB } = pace;
  return {
    setRegistry: (rules) => {
      registry.rules = rules;
    },
    setExec: (rules) => {
      execRules.rules = rules;
    },
    setCheckpointTime: (ms) => {
      pace.millisecondsPerMiB = ms;
    },
    freeze: (id) => lifecycle.freeze(store.container(id), BEYOND_CALLS),
    thaw: (id) => lifecycle.thaw(store.container(id), BEYOND_CALLS),
    exit: (id, code, reason) => lifecycle.exit(store.container(id), code, reason),
    addImage: (reference) => void store.addImage(registry.imageOf(reference)),
    addCheckpointImage: async (image) => void store.addImage(await checkpointImage(image)),
    container: (id) => {
      const found = ifOne(() => store.container(id));
      return found && containerView(found);
    },
    sandbox: (id) => {
      const found = ifOne(() => store.sandbox(id));
      return found && sandboxView(found);
    },
    state: () => ({
      sandboxes: [...store.sandboxes.values()].map(sandboxView),
      containers: [...store.containers.values()].map(containerView),
      images: [...store.images.values()].map(({ id, repoTags }) => repoTags[0] ?? id),
    }),
    disconnect,
    restart,
    reset: (keep = new Set()) => {
      for (const container of store.containers.values()) {
        if (keep.has(container.sandbox.id)) lifecycle.thaw(container, BEYOND_CALLS);
        else lifecycle.remove(container);
      }
      for (const sandbox of store.sandboxes.values()) {
        if (keep.has(sandbox.id)) continue;
        if (sandbox.phase === 'ready') store.moveSandbox(sandbox, 'stop');
        store.moveSandbox(sandbox, 'remove');
      }
      store.images.clear();
      for (const image of images) store.addImage(image);
      for (const { image } of store.containers.values()) store.addImage(image);
      registry.rules = registryRules;
      execRules.rules = rulesOfExec;
      pace.millisecondsPerMiB = millisecondsPerMiB;
      clearLog();
    },
  };
}
