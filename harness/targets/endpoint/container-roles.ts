// Assigns the containers that a user named to the roles that specs need, such as `running` or `exited`.
import { UserError } from '../../../fakes/base/user-error';
import { Unsupported } from '../../../specs/subject/expect';
import type { ContainerName } from '../../../specs/subject/subject';
import type { PodContainers, SeenContainer } from '../subject/pods';

const nameOf = ({ namespace, pod, container }: ContainerName) => `${namespace}/${pod}/${container}`;

function lacking(what: string): never {
  throw new Unsupported(`none of the containers given with --container ${what}; add one that does`);
}

/** Chooses a container for each role by its state. */
function cast(given: readonly SeenContainer[]) {
  const running = given.filter(({ state }) => state === 'running');
  const [first] = running;
  // Prefer a container in another pod and with another name, so that a kubelet that confuses the two is detected.
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
 * Assigns roles to the named containers. Reading a role without a container throws Unsupported.
 *
 * @param seen the containers of the kubelet with their states; if undefined, all named containers are assumed to run
 * @throws UserError if the kubelet does not have a named container
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
      return plain(parts.other ?? lacking('runs in another pod than the first one, with another name'));
    },
    get exited() {
      return plain(parts.exited ?? lacking('has exited'));
    },
    get exitedInit() {
      return plain(parts.exitedInit ?? lacking('is an init container that has exited'));
    },
    get neverCreated() {
      return plain(parts.neverCreated ?? lacking('is waiting to be created'));
    },
  };
}
