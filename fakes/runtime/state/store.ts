// Holds sandboxes, containers and images, finds them by id, and applies their legal moves.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { LinuxContainerResources } from '../../../proto/types/runtime/v1/LinuxContainerResources';
import type { PodSandboxConfig } from '../../../proto/types/runtime/v1/PodSandboxConfig';
import type { Restored } from '../checkpoint/restored';
import type { Machine, Workload } from '../process/simulation';
import { type Image, parseReference } from './images';
import { type ListEntry, setEntryState } from './list-entry';
import type { LogFile } from './log-file';
import { RuntimeError } from './runtime-error';
import {
  afterMove,
  CONTAINER_EVENTS,
  CONTAINER_MOVES,
  CONTAINER_STATE_NUMBERS,
  type ContainerMove,
  type ContainerPhase,
  SANDBOX_EVENTS,
  SANDBOX_MOVES,
  SANDBOX_STATE_NUMBERS,
  type SandboxMove,
  type SandboxPhase,
} from './state';

export interface Sandbox {
  readonly id: string;
  /** The name, unique among sandboxes: pod, namespace, UID and attempt. */
  readonly name: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
  /** Time of the creation, nanoseconds since the epoch, as digits. */
  readonly createdAt: string;
  /** The pod's IP address; empty if the pod uses the host network. */
  readonly ip: string;
  readonly pid: number;
  readonly containers: Set<Container>;
  /** The encoded entry in lists of sandboxes. */
  readonly listEntry: ListEntry;
  /** The resources that the last UpdatePodSandboxResources set. */
  resources?: { readonly overhead: LinuxContainerResources | null; readonly resources: LinuxContainerResources | null };
  phase: SandboxPhase;
}

/** A change that is reported to subscribers of events. A sandbox is reported as a container with the sandbox's id. */
export interface Change {
  readonly kind: Exclude<(typeof CONTAINER_EVENTS)[ContainerMove], undefined> | 'CONTAINER_CREATED_EVENT';
  readonly id: string;
  readonly sandbox: Sandbox;
}

/** The fields of a container that are set during its life. */
export interface ContainerOutcome {
  /** Times of the start and the end, nanoseconds since the epoch, as digits; `0` before the event. */
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  reason: string;
  message: string;
}

export interface Container extends ContainerOutcome {
  readonly id: string;
  /** The name, unique among containers. It contains the names and attempts of the container and of its pod. */
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly config: ContainerConfig;
  readonly image: Image;
  /** The image id in the form that is reported to clients; empty if it is not reported. */
  readonly imageId: string;
  readonly createdAt: string;
  readonly pid: number;
  /** Absolute path of the log; empty if the container has no log. */
  readonly logPath: string;
  readonly machine: Machine;
  /** The state from which the container continues, if it was restored from a checkpoint. */
  readonly restored?: Restored;
  phase: ContainerPhase;
  /** The current limits. They are the limits in the configuration until an update changes them. */
  resources: LinuxContainerResources | null;
  /** The encoded entry in lists of containers. */
  readonly listEntry: ListEntry;
  workload?: Workload;
  /** Why the command, or a child process of it, cannot be simulated. Set when the program starts. */
  notSimulated?: string;
  log?: LogFile;
  /** The holders that keep the container frozen. The container is resumed when the last holder calls `thaw`. */
  readonly frozenBy: Set<string>;
  /** Number of a signal that arrived while the container was frozen. It is handled when the container is resumed. */
  pendingSignal?: number;
  /** The commands that ExecSync is running in the container. */
  readonly execs: Set<Workload>;
  /** Functions that are called once, when the container exits. */
  readonly onEnd: Set<() => void>;
}

/**
 * Finds an item by its id or a prefix of it.
 * @throws RuntimeError if the id is empty, unknown or ambiguous
 */
function find<Item extends { readonly id: string }>(items: ReadonlyMap<string, Item>, id: string, what: string): Item {
  const exact = items.get(id);
  if (exact) return exact;
  if (id === '') throw new RuntimeError('invalid', `${what} id must not be empty`);
  const fits = [...items.values()].filter((item) => item.id.startsWith(id));
  if (fits.length > 1)
    throw new RuntimeError(
      'invalid',
      `${what} id ${JSON.stringify(id)} is ambiguous: ${fits.length} ids start with it`,
    );
  if (fits[0]) return fits[0];
  throw new RuntimeError('not-found', `an error occurred when try to find ${what} ${JSON.stringify(id)}: not found`);
}

/** The whole state of the runtime. Every change of a phase goes through the tables of legal moves. */
export class Store {
  readonly sandboxes = new Map<string, Sandbox>();
  readonly containers = new Map<string, Container>();
  /** Images by id. */
  readonly images = new Map<string, Image>();
  readonly #names = new Map<string, string>();
  /** Functions that are called after every change of a phase. */
  readonly watchers = new Set<(change: Change) => void>();

  sandbox = (id: string): Sandbox => find(this.sandboxes, id, 'sandbox');
  container = (id: string): Container => find(this.containers, id, 'container');

  addSandbox(sandbox: Sandbox): void {
    this.#reserve('sandbox', sandbox);
    this.sandboxes.set(sandbox.id, sandbox);
    this.#notify({ kind: 'CONTAINER_CREATED_EVENT', id: sandbox.id, sandbox });
    this.#notify({ kind: 'CONTAINER_STARTED_EVENT', id: sandbox.id, sandbox });
  }

  addContainer(container: Container): void {
    this.#reserve('container', container);
    this.containers.set(container.id, container);
    container.sandbox.containers.add(container);
    this.#notify({ kind: 'CONTAINER_CREATED_EVENT', id: container.id, sandbox: container.sandbox });
  }

  moveSandbox(sandbox: Sandbox, move: SandboxMove): void {
    sandbox.phase = afterMove(SANDBOX_MOVES, sandbox.phase, move);
    setEntryState(sandbox.listEntry, SANDBOX_STATE_NUMBERS[sandbox.phase]);
    if (sandbox.phase === 'removed') {
      this.sandboxes.delete(sandbox.id);
      this.#names.delete(`sandbox ${sandbox.name}`);
    }
    this.#notify({ kind: SANDBOX_EVENTS[move], id: sandbox.id, sandbox });
  }

  /** Changes the phase and sets the given fields before the watchers are called. */
  moveContainer(container: Container, move: ContainerMove, known: Partial<ContainerOutcome> = {}): void {
    container.phase = afterMove(CONTAINER_MOVES, container.phase, move);
    Object.assign(container, known);
    setEntryState(container.listEntry, CONTAINER_STATE_NUMBERS[container.phase]);
    if (container.phase === 'removed') {
      this.containers.delete(container.id);
      container.sandbox.containers.delete(container);
      this.#names.delete(`container ${container.name}`);
    }
    const kind = CONTAINER_EVENTS[move];
    if (kind) this.#notify({ kind, id: container.id, sandbox: container.sandbox });
  }

  /** Returns the image with this id, prefix of an id, or reference, or undefined if there is no such image. */
  image(name: string): Image | undefined {
    const digits = name.replace(/^sha256:/, '');
    if (/^[0-9a-f]{4,64}$/.test(digits)) {
      const fits = [...this.images.values()].filter((image) => image.id.startsWith(`sha256:${digits}`));
      if (fits.length === 1) return fits[0];
      if (name.startsWith('sha256:')) return undefined;
    }
    const { repository, tag, digest } = parseReference(name);
    return [...this.images.values()].find((image) =>
      digest === undefined
        ? image.repoTags.includes(`${repository}:${tag}`)
        : image.repoDigests.includes(`${repository}@${digest}`),
    );
  }

  /**
   * Adds an image. If an image with its id exists, that image also gets the new names. A tag is removed from any other
   * image that has it.
   */
  addImage(image: Image): Image {
    for (const other of this.images.values()) {
      if (other.id === image.id || !other.repoTags.some((tag) => image.repoTags.includes(tag))) continue;
      this.images.set(other.id, { ...other, repoTags: other.repoTags.filter((tag) => !image.repoTags.includes(tag)) });
    }
    const existing = this.images.get(image.id);
    const union = (left: readonly string[], right: readonly string[]) => [...new Set([...left, ...right])];
    const merged = existing
      ? {
          ...existing,
          repoTags: union(existing.repoTags, image.repoTags),
          repoDigests: union(existing.repoDigests, image.repoDigests),
        }
      : image;
    this.images.set(merged.id, merged);
    return merged;
  }

  #notify(change: Change): void {
    for (const watcher of this.watchers) watcher(change);
  }

  #reserve(kind: 'sandbox' | 'container', { id, name }: { readonly id: string; readonly name: string }): void {
    const holder = this.#names.get(`${kind} ${name}`);
    if (holder !== undefined) {
      throw new RuntimeError(
        'taken',
        `failed to reserve ${kind} name "${name}": name "${name}" is reserved for "${holder}"`,
      );
    }
    this.#names.set(`${kind} ${name}`, id);
  }
}
