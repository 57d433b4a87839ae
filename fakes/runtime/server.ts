// Starts and stops a fake CRI runtime.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerCredentials, status } from '@grpc/grpc-js';
import { containerdEntries } from '../archive/containerd/containerd-layout';
import type { ArchiveWrapper } from '../archive/job';
import { writeArchive } from '../archive/writing/writer';
import { type Clock, systemClock } from '../base/clock';
import type { CriStreamWrapper, CriWrapper } from '../base/cri-call';
import { type Ids, randomIds } from '../base/ids';
import { createGoLikeServer } from '../go/grpc/server';
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
import { type Listener, listen } from './grpc/listen';
import { Wire } from './grpc/wire';
import { BUSYBOX_IMAGE, checkReference, PAUSE_IMAGE } from './state/images';
import { Lifecycle } from './state/lifecycle';
import { Registry, type RegistryRule } from './state/registry';
import { DEFAULT_SETTINGS, type RuntimeSettings } from './state/settings';
import { Store } from './state/store';

export interface FakeRuntimeOptions {
  /** `unix:///path` or `tcp://127.0.0.1:port`; default: a socket in the state directory. */
  readonly listen?: string;
  /** Default: a private temporary folder (0700), removed at the end. */
  readonly stateDirectory?: string;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** References of images that are there from the start, besides busybox and the pause image. */
  readonly images?: readonly string[];
  /** Images made from archives of checkpoints that are there from the start. */
  readonly checkpointImages?: readonly CheckpointImage[];
  readonly settings?: Partial<RuntimeSettings>;
  /** Around every unary call, the first one outermost. */
  readonly cri?: readonly CriWrapper[];
  /** Around every call that streams, the first one outermost. */
  readonly streams?: readonly CriStreamWrapper[];
  /** What the registry does not simply have; a pull of anything else works at once. */
  readonly registry?: readonly RegistryRule[];
  /** Answers of ExecSync; commands that no rule fits run on the fake's own shell. */
  readonly exec?: readonly ExecRule[];
  /** Around the writing of every archive, the first one outermost. */
  readonly archive?: readonly ArchiveWrapper[];
  /** Runtime handlers offered besides the default, whose name is empty. */
  readonly handlers?: readonly string[];
  /** How containers are checkpointed, as differences from the reference persona. */
  readonly checkpoint?: Partial<CheckpointPolicy>;
  /** How containers are restored from checkpoints. Default: as the reference persona does. */
  readonly restore?: RestoreSupport;
  /** What makes archives; default: containerd's layout. */
  readonly archiveWriter?: ArchiveWriter;
}

export interface RuntimeServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly stateDirectory: string;
  /** One row per call, finished or running, in the order of their beginnings. */
  readonly calls: readonly CallRecord[];
  readonly control: RuntimeControl;
  /** Ends everything that was started; nothing is left on disk but logs and archives in folders of others. */
  close(): Promise<void>;
}

/** Starts a runtime. Throws a UserError for an endpoint that cannot be used, or an archive or an image that is none. */
export async function startRuntimeServer(options: FakeRuntimeOptions = {}): Promise<RuntimeServer> {
  const { clock = systemClock, ids = randomIds, handlers = ['runc'], images = [] } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const store = new Store();
  const registry = new Registry(clock, options.registry);
  const execRules = new ExecRules(options.exec);
  images.forEach(checkReference);
  const startImages = [BUSYBOX_IMAGE, PAUSE_IMAGE, ...images].map((reference) => registry.imageOf(reference));
  for (const image of startImages) store.addImage(image);
  const events = new EventHub(store, clock);
  const lifecycle = new Lifecycle(store, clock);
  const log = new CallLog(clock, settings.callLogLength);
  const stateDirectory = options.stateDirectory ?? (await mkdtemp(path.join(tmpdir(), 'ckptest-runtime-')));
  /** Archives that images were made from. */
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
  const server = createGoLikeServer(({ service, method, deadlineSeconds, details }) => {
    const end = log.begin({ service: service.replace(/^runtime\.v1\./, ''), method, request: {}, deadlineSeconds });
    end({ error: { code: status[status.UNIMPLEMENTED], message: details } });
  });
  wire.register(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());

  let listener: Listener;
  const listenAt = (uri: string) => listen(uri, (socket) => injector.injectConnection(socket));
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    for (const wanted of options.checkpointImages ?? []) {
      startImages.push(store.addImage(await checkpointImage(wanted, imageDirectory)));
    }
    listener = await listenAt(options.listen ?? `unix://${path.join(stateDirectory, 'runtime.sock')}`);
  } catch (error) {
    server.forceShutdown();
    await removeState();
    throw error;
  }

  const { endpoint } = listener;
  let closing: Promise<void> | undefined;
  const restart = async () => {
    await listener.close();
    if (!closing) listener = await listenAt(endpoint);
  };
  const close = () => {
    closing ??= (async () => {
      await wire.close();
      lifecycle.close();
      server.forceShutdown();
      await listener.close();
      await removeState();
    })();
    return closing;
  };
  return {
    endpoint,
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
      disconnect: () => listener.drop(),
      restart,
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
