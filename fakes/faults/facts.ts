// Finds the facts about a call that the matcher uses. They have the same form at every boundary, and are looked up only
// when they are needed.

import type { ArchiveJob } from '../archive/job';
import type { HttpRequest } from '../go/net-http/exchange';
import type { ContainerView, SandboxView } from '../runtime/control';
import type { Match } from './rule';

export type Subject = Exclude<keyof Match, 'call' | 'method' | 'hop'>;

/** Finds the sandbox or container of an id in a call. */
export interface Lookup {
  container(id: string): Pick<ContainerView, 'name' | 'sandboxId'> | undefined;
  sandbox(id: string): Pick<SandboxView, 'name' | 'namespace'> | undefined;
  imageNames(id: string): readonly string[];
}

export interface Facts {
  readonly method: string;
  /**
   * Returns the names of the subject; an empty list if the call has no such subject. Only images can have several
   * names.
   */
  of(subject: Subject): readonly string[];
}

/** Returns a field of a message; undefined if the message does not have the field. */
const field = (message: unknown, name: string): unknown =>
  typeof message === 'object' && message !== null && name in message ? Reflect.get(message, name) : undefined;

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** Returns the result of `find`, or undefined if an id is empty, unknown or ambiguous. */
function foundOrUndefined<Found>(find: () => Found | undefined): Found | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Returns the names that are present. */
const present = (...names: readonly (string | undefined)[]) => names.filter((name) => name !== undefined);

/** Returns the names in an ImageSpec. A kubelet sends the id as `image`, and the name as `user_specified_image`. */
const namesIn = (spec: unknown) => present(text(field(spec, 'image')), text(field(spec, 'user_specified_image')));

/**
 * Returns the facts of a CRI call. They come from the configuration in the request, or from the container or sandbox
 * that the request names.
 */
export function criFacts(call: { readonly method: string; readonly request: object }, control: () => Lookup): Facts {
  const { method, request } = call;
  const container = () => {
    const id = text(field(request, 'container_id'));
    return id === undefined ? undefined : foundOrUndefined(() => control().container(id));
  };
  const sandbox = () => {
    const id = container()?.sandboxId ?? text(field(request, 'pod_sandbox_id'));
    return id === undefined ? undefined : foundOrUndefined(() => control().sandbox(id));
  };
  const config = field(request, 'config');
  const ownName = text(field(field(config, 'metadata'), 'name'));
  const subjects: Record<Subject, () => readonly string[]> = {
    namespace: () => present(sandbox()?.namespace ?? text(field(field(config, 'metadata'), 'namespace'))),
    pod: () => present(sandbox()?.name ?? (method === 'RunPodSandbox' ? ownName : undefined)),
    container: () => present(container()?.name ?? (method === 'CreateContainer' ? ownName : undefined)),
    image: () => [
      ...(foundOrUndefined(() => control().imageNames(text(field(request, 'container_id')) ?? '')) ?? []),
      ...namesIn(field(request, 'image')),
      ...namesIn(field(config, 'image')),
    ],
  };
  return { method, of: (subject) => subjects[subject]() };
}

/** Returns the facts of an archive, which are the facts of its container. */
export function archiveFacts({ snapshot }: ArchiveJob, control: () => Lookup): Facts {
  const subjects: Record<Subject, readonly string[]> = {
    namespace: [snapshot.podNamespace],
    pod: [snapshot.podName],
    container: [snapshot.containerName],
    image: [snapshot.image, ...control().imageNames(snapshot.containerId)],
  };
  return { method: 'CheckpointContainer', of: (subject) => subjects[subject] };
}

const CHECKPOINT = /^(?:\/api\/v1\/nodes\/[^/]+\/proxy)?\/checkpoint\/([^/?]*)\/([^/?]*)\/([^/?]*)/;

/** Returns the facts of a request to the kubelet. Only a checkpoint request is about a container. */
export function httpFacts({ method, target }: Pick<HttpRequest, 'method' | 'target'>): Facts {
  const [, namespace, pod, container] = CHECKPOINT.exec(target) ?? [];
  const subjects: Record<Subject, string | undefined> = { namespace, pod, container, image: undefined };
  return { method, of: (subject) => present(subjects[subject]) };
}
