// Starts and stops a fake CRI runtime.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { containerdEntries } from '../archive/containerd/containerd-layout';
import type { ArchiveWrapper } from '../archive/job';
import { writeArchive } from '../archive/writing/writer';
import { type Clock, systemClock } from '../base/clock';
import type { CriSocket, CriStreamWrapper, CriWrapper } from '../base/cri-call';
import { type Ids, randomIds } from '../base/ids';
import { privateDirectory } from '../base/private-directory';
import { containerCalls } from './api/container-calls';
import type { Runtime } from './api/context';
import { EventHub } from './api/event-hub';
import { execCalls } from './api/exec-calls';
import { type ExecRule, ExecRules } from './api/exec-rules';
import { imageCalls } from './api/image-calls';
import { nodeCalls } from './api/node-calls';
import { sandboxCalls } from './api/sandbox-calls';
import { statsCalls } from './api/stats-calls';
import { streams } from './api/streams';
import { type ArchiveWriter, Checkpointer } from './checkpoint/checkpoint';
import { type CheckpointImage, checkpointImage } from './checkpoint/checkpoint-image';
import { type CheckpointPolicy, REFERENCE_CHECKPOINT } from './checkpoint/checkpoint-policy';
import { REFERENCE_RULES, type RestoreSupport } from './checkpoint/restore-rules';
import { Restorer } from './checkpoint/restorer';
import { type RuntimeControl, runtimeControl } from './control';
import { CallLog, type CallRecord } from './grpc/call-log';
import { type SocketServer, serveSocket } from './grpc/socket-server';
import { Wire } from './grpc/wire';
import { BUSYBOX_IMAGE, checkReference, PAUSE_IMAGE } from './state/images';
import { Lifecycle } from './state/lifecycle';
import { Registry, type RegistryRule } from './state/registry';
import { DEFAULT_SETTINGS, type RuntimeSettings } from './state/settings';
import { Store } from './state/store';

/** Options of the server of a fake runtime. */
export interface FakeRuntimeOptions {
  /** `unix:///path`, the path alone, or `tcp://127.0.0.1:port`. Default: a socket in the state directory. */
  readonly listen?: string;
  /** Whether to serve a second socket, in the state directory, for kubelets only. Default: false. */
  readonly kubeletSocket?: boolean;
  /**
   * Directory for the runtime's own files. Default: a private temporary directory (mode 0700), which is removed on
   * shutdown.
   */
  readonly stateDirectory?: string;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** References of images that exist at startup, in addition to busybox and the pause image. */
  readonly images?: readonly string[];
  /** Images made at startup from checkpoint archives. */
  readonly checkpointImages?: readonly CheckpointImage[];
  readonly settings?: Partial<RuntimeSettings>;
  /** Interceptors of every unary call; the first one is outermost. */
  readonly cri?: readonly CriWrapper[];
  /** Interceptors of every streaming call; the first one is outermost. */
  readonly streams?: readonly CriStreamWrapper[];
  /** Rules that change the result or the duration of pulls. Without a matching rule, a pull succeeds at once. */
  readonly registry?: readonly RegistryRule[];
  /** Prepared responses to ExecSync. A command that matches no rule runs in the fake's own shell. */
  readonly exec?: readonly ExecRule[];
  /** Interceptors of every archive write; the first one is outermost. */
  readonly archive?: readonly ArchiveWrapper[];
  /** Names of the runtime handlers, in addition to the default handler, whose name is empty. */
  readonly handlers?: readonly string[];
  /** How containers are checkpointed, as differences from the reference persona. */
  readonly checkpoint?: Partial<CheckpointPolicy>;
  /** How containers are restored from checkpoints. Default: as the reference persona does. */
  readonly restore?: RestoreSupport;
  /**
   * Called with a sentence about each request that the runtime cannot fulfill completely, such as a command that it
   * cannot simulate.
   */
  readonly warn?: (sentence: string) => void;
  /** Writes the archives. Default: in containerd's layout. */
  readonly archiveWriter?: ArchiveWriter;
}

/** The running server of a fake runtime. */
export interface RuntimeServer extends AsyncDisposable {
  readonly endpoint: string;
  /** The endpoint for kubelets: the second socket if it exists, else the main endpoint. */
  readonly kubeletEndpoint: string;
  readonly stateDirectory: string;
  /** The logged calls, finished or running, in the order in which they started. */
  readonly calls: readonly CallRecord[];
  readonly control: RuntimeControl;
  /**
   * Shuts the runtime down. Removes everything that it created, except logs and archives in directories of its callers.
   */
  close(): Promise<void>;
}

/**
 * Starts a runtime.
 * @throws UserError if the endpoint, a checkpoint archive or an image reference is not valid
 */
export async function startRuntimeServer(options: FakeRuntimeOptions = {}): Promise<RuntimeServer> {
  const { clock = systemClock, ids = randomIds, handlers = ['runc'], images = [] } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const store = new Store();
  const registry = new Registry(clock, options.registry);
  const execRules = new ExecRules(options.exec);
  images.forEach(checkReference);
  const startImages = [BUSYBOX_IMAGE, PAUSE_IMAGE, ...images].map((reference) => registry.imageOf(reference));
  for (const image of startImages) store.addImage(image);
  const events = new EventHub(store, clock, settings.sendsContainerEvents);
  const lifecycle = new Lifecycle(store, clock, options.warn);
  const log = new CallLog(clock, settings.callLogLength);
  const stateDirectory = options.stateDirectory ?? (await privateDirectory('runtime'));
  /** Copies of the archives that images were made from. */
  const imageDirectory = path.join(stateDirectory, 'checkpoint-images');
  const removeState = async () => {
    await rm(imageDirectory, { recursive: true, force: true });
    if (options.stateDirectory === undefined) await rm(stateDirectory, { recursive: true, force: true });
  };

  const runtime: Runtime = {
    store,
    lifecycle,
    clock,
    ids,
    settings,
    handlers,
    stateDirectory,
    events,
    registry,
    restorer: new Restorer({ store, registry, support: options.restore ?? REFERENCE_RULES }),
    execRules,
  };
  const pace = { millisecondsPerMiB: settings.checkpointMillisecondsPerMiB };
  const checkpointer = new Checkpointer({
    store,
    lifecycle,
    clock,
    settings,
    pace,
    policy: { ...REFERENCE_CHECKPOINT, ...options.checkpoint },
    writer: options.archiveWriter ?? {
      entries: (snapshot) => containerdEntries(snapshot),
      write: (job) => writeArchive(job, clock),
    },
    wrappers: options.archive ?? [],
  });
  const wire = new Wire({
    unaryHandlers: {
      ...nodeCalls(runtime),
      ...sandboxCalls(runtime),
      ...containerCalls(runtime),
      ...imageCalls(runtime),
      ...statsCalls(runtime),
      ...execCalls(runtime),
      CheckpointContainer: (call) => checkpointer.checkpoint(call),
    },
    streamHandlers: streams(runtime),
    wrappers: options.cri ?? [],
    streamWrappers: options.streams ?? [],
    log,
    clock,
    settings,
  });
  const inStateDirectory = (name: string) => `unix://${path.join(stateDirectory, name)}`;
  const sockets: SocketServer[] = [];
  const serve = async (socket: CriSocket, uri: string) => {
    sockets.push(await serveSocket({ uri, socket, wire, log }));
  };
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    for (const wanted of options.checkpointImages ?? []) {
      startImages.push(store.addImage(await checkpointImage(wanted, imageDirectory)));
    }
    await serve('main', options.listen ?? inStateDirectory('runtime.sock'));
    if (options.kubeletSocket) await serve('kubelet', inStateDirectory('kubelet.sock'));
  } catch (error) {
    for (const socket of sockets) await socket.close();
    await removeState();
    throw error;
  }

  const [endpoint = '', kubeletEndpoint = endpoint] = sockets.map((socket) => socket.endpoint);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      await wire.close();
      lifecycle.close();
      for (const socket of sockets) await socket.close();
      await removeState();
    })();
    return closing;
  };
  return {
    endpoint,
    kubeletEndpoint,
    stateDirectory,
    get calls() {
      return log.rows;
    },
    control: runtimeControl({
      store,
      lifecycle,
      registry,
      execRules,
      pace,
      images: startImages,
      checkpointImage: (image) => checkpointImage(image, imageDirectory),
      clearLog: () => log.clear(),
      disconnect: () => {
        for (const socket of sockets) socket.drop();
      },
      restart: async () => {
        for (const socket of sockets) await socket.restart();
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
