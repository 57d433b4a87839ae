// Handlers of the CRI calls about containers, except CheckpointContainer.
import path from 'node:path';
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import { nanoseconds } from '../../go/time';
import type { Restored } from '../checkpoint/restored';
import type { UnaryHandlers } from '../grpc/calls';
import { Machine } from '../process/simulation';
import { chosenWorkload } from '../state/chosen-workload';
import { ContainerSurroundings } from '../state/container-surroundings';
import type { Image } from '../state/images';
import { requireCommand } from '../state/lifecycle';
import { unpooledCopy } from '../state/long-lived-bytes';
import { pidOf } from '../state/pids';
import { updatedResources } from '../state/resources';
import { RuntimeError } from '../state/runtime-error';
import { CONTAINER_STATES, isLivePhase } from '../state/state';
import type { Container, Sandbox, Store } from '../state/store';
import type { Runtime } from './context';
import { undefinedIfNotFound } from './idempotent';
import { containerList } from './lists';
import { checkContainer } from './validation';
import { containerInfo, verboseInfo } from './verbose';
import { containerItem, containerListEntry, containerStatus, imageId } from './views';

/** Returns `name_pod_namespace_uid_attempt`. The name stays reserved until the container is removed. */
function containerName({ metadata }: ContainerConfig, { config }: Sandbox): string {
  if (!metadata?.name) throw new RuntimeError('invalid', 'container config must include metadata with a name');
  const pod = config.metadata;
  return `${metadata.name}_${pod?.name}_${pod?.namespace}_${pod?.uid}_${metadata.attempt}`;
}

/** Copies the values of variables. Without a copy, each value would keep its whole request message in memory. */
const withCopiedValues = (config: ContainerConfig): ContainerConfig =>
  config.envs.length === 0
    ? config
    : { ...config, envs: config.envs.map(({ key, value }) => ({ key, value: unpooledCopy(Buffer.from(value)) })) };

function sandboxFor({ store, settings }: Runtime, id: string): Sandbox {
  const sandbox = undefinedIfNotFound(() => store.sandbox(id));
  if (!sandbox) throw new RuntimeError('not-found', `failed to find sandbox id ${JSON.stringify(id)}: not found`);
  if (sandbox.phase !== 'ready' && !settings.stoppedSandboxesTakeContainers)
    throw new RuntimeError('wrong-state', `sandbox "${sandbox.id}" is not ready`);
  return sandbox;
}

function imageFor(store: Store, config: ContainerConfig): Image {
  const name = config.image?.image ?? '';
  if (name === '') throw new RuntimeError('invalid', 'container config must include an image');
  const absent = () => new RuntimeError('not-found', `failed to resolve image "${name}": not found`);
  if (path.isAbsolute(name)) throw absent();
  const image = store.image(name);
  if (!image) throw absent();
  return image;
}

/** Everything that is needed to create a container. */
interface NewContainer {
  readonly sandbox: Sandbox;
  readonly config: ContainerConfig;
  readonly image: Image;
  readonly restored?: Restored;
}

/** Creates a container and adds it to the store. */
function createContainer(
  { store, clock, ids, settings }: Runtime,
  { sandbox, config, image, restored }: NewContainer,
): Container {
  const name = containerName(config, sandbox);
  if (!restored) requireCommand({ config, image, sandbox });
  const { log_directory } = sandbox.config;
  const id = ids.next();
  const createdAt = nanoseconds(clock.now());
  const logPath = config.log_path || settings.defaultLogPath.replaceAll('{id}', id);
  const reportedImageId = settings.reportsImageIds ? imageId(image, settings) : '';
  const container: Container = {
    id,
    name,
    sandbox,
    config,
    image,
    imageId: reportedImageId,
    createdAt,
    pid: pidOf(id),
    logPath: log_directory && logPath ? path.join(log_directory, logPath) : '',
    phase: 'created',
    startedAt: '0',
    finishedAt: '0',
    exitCode: 0,
    reason: '',
    message: '',
    frozenBy: new Set(),
    onEnd: new Set(),
    execs: new Set(),
    resources: config.linux?.resources ?? null,
    listEntry: containerListEntry({ id, sandbox, config, image, imageId: reportedImageId, createdAt }),
    machine: new Machine(
      new ContainerSurroundings(() => container, settings),
      restored?.workingDirectory ?? (config.working_dir || image.workingDirectory),
      restored?.machine,
    ),
    ...(restored && { restored }),
  };
  store.addContainer(container);
  return container;
}

/** Returns the handlers of these calls. */
export function containerCalls(runtime: Runtime): UnaryHandlers {
  const { store, lifecycle, settings, restorer } = runtime;
  return {
    CreateContainer: async ({ request: { pod_sandbox_id, config: requested }, signal }) => {
      const sandbox = sandboxFor(runtime, pod_sandbox_id);
      if (!requested) throw new RuntimeError('invalid', 'container config must not be empty');
      const config = withCopiedValues(requested);
      containerName(config, sandbox);
      checkContainer(config);
      // Validate the annotations at creation, so that the container does not fail only when it starts.
      chosenWorkload(config, sandbox.config);
      const source = await restorer.source(config.image?.image ?? '');
      // Look up the sandbox again, because it may have been stopped in the meantime.
      const ready = () => sandboxFor(runtime, sandbox.id);
      if (!source)
        return {
          container_id: createContainer(runtime, { sandbox: ready(), config, image: imageFor(store, config) }).id,
        };
      const container = await restorer.recreate(source, { config, sandbox, signal }, (recreation) =>
        createContainer(runtime, { sandbox: ready(), ...recreation }),
      );
      return { container_id: container.id };
    },
    StartContainer: async ({ request }) => {
      const container = store.container(request.container_id);
      const { id, phase, restored } = container;
      const fail = (why: string) =>
        new RuntimeError('wrong-state', `failed to set starting state for container "${id}": ${why}`);
      if (phase !== 'created') throw fail(`container is in ${containerItem(container).state} state`);
      if (restored?.fault) throw restorer.startRefusal(container, restored.fault, lifecycle);
      await lifecycle.start(container);
      return {};
    },
    StopContainer: async ({ request, signal }) => {
      const container = undefinedIfNotFound(() => store.container(request.container_id));
      if (container) await lifecycle.stop(container, Number(request.timeout) * 1000, signal);
      return {};
    },
    RemoveContainer: ({ request }) => {
      const container = undefinedIfNotFound(() => store.container(request.container_id));
      if (container) lifecycle.remove(container);
      return {};
    },
    ListContainers: ({ request }) => containerList(store, request.filter),
    ContainerStatus: ({ request }) => {
      const container = store.container(request.container_id);
      return {
        status: containerStatus(container),
        info: verboseInfo(request.verbose, () => ({
          ...containerInfo(container, settings),
          ...restorer.information(container),
        })),
      };
    },
    UpdateContainerResources: ({ request }) => {
      const container = store.container(request.container_id);
      if (container.phase !== 'created' && !isLivePhase(container.phase)) {
        throw new RuntimeError(
          'wrong-state',
          `container "${container.id}" is in ${CONTAINER_STATES[container.phase]} state`,
        );
      }
      if (request.linux) container.resources = updatedResources(container.resources, request.linux);
      return {};
    },
    ReopenContainerLog: ({ request }) => {
      const container = store.container(request.container_id);
      if (!isLivePhase(container.phase))
        throw new RuntimeError('wrong-state', `container "${container.id}" is not running`);
      lifecycle.reopenLog(container);
      return {};
    },
  };
}
