// The containers that a user named, in the parts that specs have for them.
import { UserError } from '../../../fakes/base/user-error';
import { Unsupported } from '../../../specs/subject/expect';
import type { ContainerName } from '../../../specs/subject/subject';
import type { PodContainers, SeenContainer } from '../subject/pods';

const nameOf = ({ namespace, pod, container }: ContainerName) => `${namespace}/${pod}/${container}`;

function lacking(what: string): never {
  throw new Unsupported(`none of the containers given with --container ${what}: name one that does, too`);
}

/** What each of the names is for, by its state; without states all are taken to run. */
function cast(given: readonly SeenContainer[]) {
  const running = given.filter(({ state }) => state === 'running');
  const [first] = running;
  // Another pod's, under another name, so that the two can be mixed up.
  const other = running.find(({ pod, container }) => pod !== first?.pod && container !== first?.container);
  return {
    running: first,
    other,
    exited: given.find(({ state, isInit }) => state === 'exited' && !isInit),
    exitedInit: given.find(({ state, isInit }) => state === 'exited' && isInit),
    neverCreated: given.find(({ state }) => state === 'waiting'),
  };
}

/**
 * Throws UserError for a container that the kubelet does not have.
 * @param seen what the kubelet has, where it says so
 */
export function roles(given: readonly ContainerName[], seen: readonly SeenContainer[] | undefined): PodContainers {
  const found = given.map((name): SeenContainer => {
    if (seen === undefined) return { ...name, state: 'running', isInit: false };
    const known = seen.find((one) => nameOf(one) === nameOf(name));
    if (known) return known;
    throw new UserError(
      `--container ${nameOf(name)}: the kubelet has no such container; it has ${seen.slice(0, 10).map(nameOf).join(', ') || 'none'}`,
    );
  });
  const parts = cast(found);
  const plain = ({ namespace, pod, container }: ContainerName) => ({ namespace, pod, container });
  return {
    get running() {
      return plain(parts.running ?? lacking('runs'));
    },
    get other() {
      return plain(parts.other ?? lacking('runs beside the first in a pod of another name, under another name'));
    },
    get exited() {
      return plain(parts.exited ?? lacking('has exited'));
    },
    get exitedInit() {
      return plain(parts.exitedInit ?? lacking('is an init container that has exited'));
    },
    get neverCreated() {
      return plain(parts.neverCreated ?? lacking('waits to be created'));
    },
  };
}
