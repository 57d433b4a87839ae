// The back door to a fake runtime: what no CRI client can do or see.
import type { Lifecycle } from './lifecycle';
import { CONTAINER_STATES, SANDBOX_STATES } from './state';
import type { Store } from './store';

export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** As CRI has it. */
  readonly state: string;
  readonly frozen: boolean;
  readonly exitCode: number;
  readonly logPath: string;
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
  /** Adds an image without a pull. */
  addImage(reference: string): void;
  /** Everything there is, as plain data. */
  state(): RuntimeView;
  /** Takes away all sandboxes and containers, and empties the call log. */
  reset(): void;
}

const HOLDER = 'control';

export function runtimeControl(store: Store, lifecycle: Lifecycle, clearLog: () => void): RuntimeControl {
  return {
    freeze: (id) => lifecycle.freeze(store.container(id), HOLDER),
    thaw: (id) => lifecycle.thaw(store.container(id), HOLDER),
    exit: (id, code, reason) => lifecycle.exit(store.container(id), code, reason),
    addImage: (reference) => void store.pull(reference),
    state: () => ({
      sandboxes: [...store.sandboxes.values()].map(({ id, config, phase }) => ({
        id,
        name: config.metadata?.name ?? '',
        namespace: config.metadata?.namespace ?? '',
        state: SANDBOX_STATES[phase],
      })),
      containers: [...store.containers.values()].map(({ id, config, sandbox, phase, exitCode, logPath, workload }) => ({
        id,
        name: config.metadata?.name ?? '',
        sandboxId: sandbox.id,
        state: CONTAINER_STATES[phase],
        frozen: phase === 'frozen',
        exitCode,
        logPath,
        variables: Object.fromEntries(workload?.variables ?? []),
      })),
      images: [...store.images.values()].map(({ id, repoTags }) => repoTags[0] ?? id),
    }),
    reset: () => {
      for (const container of store.containers.values()) lifecycle.remove(container);
      for (const sandbox of store.sandboxes.values()) {
        if (sandbox.phase === 'ready') store.moveSandbox(sandbox, 'stop');
        store.moveSandbox(sandbox, 'remove');
      }
      clearLog();
    },
  };
}
