// Sandboxes, containers and images, found by id, and their legal moves.
import type { ContainerConfig } from '../../proto/types/runtime/v1/ContainerConfig';
import type { PodSandboxConfig } from '../../proto/types/runtime/v1/PodSandboxConfig';
import { type Image, imageAt, parseReference } from './images';
import type { LogFile } from './log-file';
import { Refusal } from './refusal';
import {
  afterMove,
  CONTAINER_MOVES,
  type ContainerMove,
  type ContainerPhase,
  SANDBOX_MOVES,
  type SandboxMove,
  type SandboxPhase,
} from './state';
import type { Workload } from './workload';

export interface Sandbox {
  readonly id: string;
  /** Unique among sandboxes: pod, namespace, uid and attempt. */
  readonly name: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
  /** Nanoseconds since the epoch, as digits. */
  readonly createdAt: string;
  /** Empty in the node's own network. */
  readonly ip: string;
  readonly pid: number;
  readonly containers: Set<Container>;
  phase: SandboxPhase;
}

export interface Container {
  readonly id: string;
  /** Unique among containers: its own name and attempt around those of its pod. */
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly config: ContainerConfig;
  readonly image: Image;
  readonly createdAt: string;
  readonly pid: number;
  /** Absolute; empty where logging is off. */
  readonly logPath: string;
  phase: ContainerPhase;
  /** Nanoseconds since the epoch, as digits; `0` before it has happened. */
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  reason: string;
  message: string;
  workload?: Workload;
  log?: LogFile;
  /** Who keeps it frozen; it thaws when the last one lets go. */
  readonly frozenBy: Set<string>;
  /** Number of a signal that came while it was frozen; it is felt when it thaws. */
  pendingSignal?: number;
  /** Called once, when it exits. */
  readonly onEnd: Set<() => void>;
}

/** Finds by id or by the start of one; throws a Refusal for none, several, and for an empty id. */
function find<Item extends { readonly id: string }>(items: ReadonlyMap<string, Item>, id: string, what: string): Item {
  const exact = items.get(id);
  if (exact) return exact;
  if (id === '') throw new Refusal('invalid', `${what} id must not be empty`);
  const fits = [...items.values()].filter((item) => item.id.startsWith(id));
  if (fits.length > 1)
    throw new Refusal('invalid', `${what} id ${JSON.stringify(id)} is ambiguous: ${fits.length} ids start with it`);
  if (fits[0]) return fits[0];
  throw new Refusal('not-found', `an error occurred when try to find ${what} ${JSON.stringify(id)}: not found`);
}

/** All that the runtime knows. Every change of a phase goes through the tables of moves. */
export class Store {
  readonly sandboxes = new Map<string, Sandbox>();
  readonly containers = new Map<string, Container>();
  /** By id. */
  readonly images = new Map<string, Image>();
  readonly #names = new Map<string, string>();

  sandbox = (id: string): Sandbox => find(this.sandboxes, id, 'sandbox');
  container = (id: string): Container => find(this.containers, id, 'container');

  addSandbox(sandbox: Sandbox): void {
    this.#reserve('sandbox', sandbox);
    this.sandboxes.set(sandbox.id, sandbox);
  }

  addContainer(container: Container): void {
    this.#reserve('container', container);
    this.containers.set(container.id, container);
    container.sandbox.containers.add(container);
  }

  moveSandbox(sandbox: Sandbox, move: SandboxMove): void {
    sandbox.phase = afterMove(SANDBOX_MOVES, sandbox.phase, move);
    if (sandbox.phase !== 'removed') return;
    this.sandboxes.delete(sandbox.id);
    this.#names.delete(`sandbox ${sandbox.name}`);
  }

  moveContainer(container: Container, move: ContainerMove): void {
    container.phase = afterMove(CONTAINER_MOVES, container.phase, move);
    if (container.phase !== 'removed') return;
    this.containers.delete(container.id);
    container.sandbox.containers.delete(container);
    this.#names.delete(`container ${container.name}`);
  }

  /** The image with this id, start of an id, or reference; undefined where it is not there. */
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

  /** Pulls an image, or takes the one that is there. */
  pull(name: string): Image {
    const held = this.image(name);
    if (held) return held;
    if (name.startsWith('sha256:')) throw new Refusal('not-found', `failed to resolve image "${name}": not found`);
    const pulled = imageAt(parseReference(name));
    const same = this.images.get(pulled.id);
    const image = same ? { ...same, repoTags: [...same.repoTags, ...pulled.repoTags] } : pulled;
    this.images.set(image.id, image);
    return image;
  }

  #reserve(kind: 'sandbox' | 'container', { id, name }: { readonly id: string; readonly name: string }): void {
    const holder = this.#names.get(`${kind} ${name}`);
    if (holder !== undefined) {
      throw new Refusal(
        'taken',
        `failed to reserve ${kind} name "${name}": name "${name}" is reserved for "${holder}"`,
      );
    }
    this.#names.set(`${kind} ${name}`, id);
  }
}
