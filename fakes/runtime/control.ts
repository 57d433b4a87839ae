// Makes the control interface of a fake runtime: it changes and shows state that CRI clients cannot access.

import type { ExecRule, ExecRules } from './api/exec-rules';
import type { CheckpointPace } from './checkpoint/checkpoint';
import type { CheckpointImage } from './checkpoint/checkpoint-image';
import type { Image } from './state/images';
import { CONTROL_HOLDER, type Lifecycle } from './state/lifecycle';
import type { Registry, RegistryRule } from './state/registry';
import { RuntimeError } from './state/runtime-error';
import { CONTAINER_STATES, SANDBOX_STATES } from './state/state';
import type { Container, Sandbox, Store } from './state/store';

/** The state of a container. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** The image name in the container's configuration. */
  readonly image: string;
  /** The state as CRI reports it. A frozen container is still reported as running. */
  readonly state: string;
  readonly frozen: boolean;
  readonly exitCode: number;
  readonly logPath: string;
  /** Whether the container was restored from a checkpoint. */
  readonly restored: boolean;
  /** Whether the container does what its command says. If not, it stays idle. */
  readonly simulated: boolean;
  /** Why the container is not simulated. */
  readonly notSimulated?: string;
  /** Shell variables of the script that the container runs. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The state of a sandbox. */
export interface SandboxView {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly state: string;
}

/** Everything that a runtime holds. */
export interface RuntimeView {
  readonly sandboxes: readonly SandboxView[];
  readonly containers: readonly ContainerView[];
  /** The tags of all images. An image without tags is listed by its id. */
  readonly images: readonly string[];
}

/** The control interface of a fake runtime. */
export interface RuntimeControl {
  /**
   * Freezes a running container. CRI still reports it as running.
   * @param id the container's id, or a unique prefix of it
   */
  freeze(id: string): void;
  /** Resumes a container that `freeze` stopped. */
  thaw(id: string): void;
  /** Ends a running container as if its program had exited. */
  exit(id: string, code: number, reason?: string): void;
  /** Adds an image without a pull. The registry's rules do not apply. */
  addImage(reference: string): void;
  /**
   * Adds an image made from a checkpoint archive. Containers created from it are restored.
   * @throws UserError if the file is not a checkpoint archive
   */
  addCheckpointImage(image: CheckpointImage): Promise<void>;
  /** Returns one container by its id or a unique prefix of it, or undefined if no container or several match. */
  container(id: string): ContainerView | undefined;
  /**
   * Returns the names of a container's image: those in the container's configuration, and the image's tags. Returns an
   * empty list if no container or several match.
   * @param id the container's id, or a unique prefix of it
   */
  imageNames(id: string): readonly string[];
  /** Returns one sandbox by its id or a unique prefix of it, or undefined if no sandbox or several match. */
  sandbox(id: string): SandboxView | undefined;
  /** Returns everything that the runtime holds, as plain data. */
  state(): RuntimeView;
  /** Closes every client connection. Clients can connect again. */
  disconnect(): void;
  /**
   * Closes every connection and listens again at the same endpoint. The state is kept and containers continue to run.
   */
  restart(): Promise<void>;
  /** Replaces the rules of the registry. */
  setRegistry(rules: readonly RegistryRule[]): void;
  /** Replaces the prepared responses to ExecSync. */
  setExec(rules: readonly ExecRule[]): void;
  /**
   * Sets how long a checkpoint pauses a container.
   * @param millisecondsPerMiB milliseconds for each MiB of the container's memory; applies to checkpoints that start
   *   later
   */
  setCheckpointTime(millisecondsPerMiB: number): void;
  /**
   * Removes all sandboxes and containers and clears the call log. Images, rules and the checkpoint time get their
   * initial values.
   * @param keep ids of sandboxes to keep; their containers are kept too, and resumed if frozen
   */
  reset(keep?: ReadonlySet<string>): void;
}

/** The parts of a runtime that the control interface uses. */
export interface ControlParts {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  readonly registry: Registry;
  readonly execRules: ExecRules;
  readonly pace: CheckpointPace;
  /** The initial images. A reset restores them. */
  readonly images: readonly Image[];
  /** Makes an image. The runtime keeps its content until it shuts down. */
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
  notSimulated,
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
  simulated: notSimulated === undefined,
  ...(notSimulated !== undefined && { notSimulated }),
  variables: Object.fromEntries(workload?.variables ?? []),
});

/** Returns the result of `find`, or undefined if `find` throws because the id is unknown, empty or ambiguous. */
function undefinedIfNotOne<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof RuntimeError) return undefined;
    throw error;
  }
}

/** Returns the control interface of a runtime. */
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
    freeze: (id) => lifecycle.freeze(store.container(id), CONTROL_HOLDER),
    thaw: (id) => lifecycle.thaw(store.container(id), CONTROL_HOLDER),
    exit: (id, code, reason) => lifecycle.exit(store.container(id), code, reason),
    addImage: (reference) => void store.addImage(registry.imageOf(reference)),
    addCheckpointImage: async (image) => void store.addImage(await checkpointImage(image)),
    container: (id) => {
      const found = undefinedIfNotOne(() => store.container(id));
      return found && containerView(found);
    },
    imageNames: (id) => {
      const found = undefinedIfNotOne(() => store.container(id));
      const { image, user_specified_image } = found?.config.image ?? {};
      return [image, user_specified_image, ...(found?.image.repoTags ?? [])].filter((name) => name !== undefined);
    },
    sandbox: (id) => {
      const found = undefinedIfNotOne(() => store.sandbox(id));
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
        if (keep.has(container.sandbox.id)) lifecycle.thaw(container, CONTROL_HOLDER);
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
