// What a call is about, for the matcher: the same questions on all wires, answered when they are asked.

import type { ArchiveJob } from '../archive/job';
import type { HttpRequest } from '../go/net-http/exchange';
import type { RuntimeControl } from '../runtime/control';
import type { Match } from './rule';

export type Subject = Exclude<keyof Match, 'call' | 'method' | 'hop'>;

export interface Facts {
  readonly method: string;
  /** undefined: the call is about no such thing. */
  of(subject: Subject): string | undefined;
}

/** A field of a message, where it has one. */
const field = (message: unknown, name: string): unknown =>
  typeof message === 'object' && message !== null && name in message ? Reflect.get(message, name) : undefined;

const word = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** What is found, or nothing where an id is empty, unknown or the start of several. */
function sought<Found>(find: () => Found | undefined): Found | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** A CRI call: its own configuration, or that of the container or sandbox that it names. */
export function criFacts(
  call: { readonly method: string; readonly request: object },
  control: () => RuntimeControl,
): Facts {
  const { method, request } = call;
  const container = () => {
    const id = word(field(request, 'container_id'));
    return id === undefined ? undefined : sought(() => control().container(id));
  };
  const sandbox = () => {
    const id = container()?.sandboxId ?? word(field(request, 'pod_sandbox_id'));
    return id === undefined ? undefined : sought(() => control().sandbox(id));
  };
  const config = field(request, 'config');
  const ownName = word(field(field(config, 'metadata'), 'name'));
  const subjects: Record<Subject, () => string | undefined> = {
    namespace: () => sandbox()?.namespace ?? word(field(field(config, 'metadata'), 'namespace')),
    pod: () => sandbox()?.name ?? (method === 'RunPodSandbox' ? ownName : undefined),
    container: () => container()?.name ?? (method === 'CreateContainer' ? ownName : undefined),
    image: () =>
      container()?.image ??
      word(field(field(request, 'image'), 'image')) ??
      word(field(field(config, 'image'), 'image')),
  };
  return { method, of: (subject) => subjects[subject]() };
}

/** An archive: the container that it is of. */
export function archiveFacts({ snapshot }: ArchiveJob): Facts {
  const subjects: Record<Subject, string> = {
    namespace: snapshot.podNamespace,
    pod: snapshot.podName,
    container: snapshot.containerName,
    image: snapshot.image,
  };
  return { method: 'CheckpointContainer', of: (subject) => subjects[subject] };
}

const CHECKPOINT = /^(?:\/api\/v1\/nodes\/[^/]+\/proxy)?\/checkpoint\/([^/?]*)\/([^/?]*)\/([^/?]*)/;

/** A request to the kubelet; only that for a checkpoint is about a container. */
export function httpFacts({ method, target }: HttpRequest): Facts {
  const [, namespace, pod, container] = CHECKPOINT.exec(target) ?? [];
  const subjects: Record<Subject, string | undefined> = { namespace, pod, container, image: undefined };
  return { method, of: (subject) => subjects[subject] };
}
