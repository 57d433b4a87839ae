// Makes a target of a kubelet that is already running. The kubelet is tested as a black box, with the user's containers
// or with static pods of the suite.
import { setMaxListeners } from 'node:events';
import { errorText } from '../../fakes/base/error-text';
import { Undo } from '../../fakes/base/undo';
import { UserError } from '../../fakes/base/user-error';
import { Unsupported } from '../../specs/subject/expect';
import type { Circumstances, Need } from '../../specs/subject/subject';
import { CriClient } from '../clients/cri-client';
import { KubeletClient } from '../clients/kubelet-client';
import type { TargetDescription } from '../report/results';
import { type KubeletConnection, kubeletConnection } from './endpoint/access';
import { foundBy } from './endpoint/capabilities-seen';
import { roles } from './endpoint/container-roles';
import { archivesIn, CreatedArchives } from './endpoint/created-archives';
import { noRuntime } from './endpoint/no-runtime';
import {
  filesLack,
  filteringClient,
  lacksOf,
  localPaths,
  rootDirectory,
  UNOBSERVED_RUNTIME,
} from './endpoint/node-facts';
import { containersIn } from './endpoint/node-pods';
import { PlacedPods } from './endpoint/placed-pods';
import { probeCheckpoint, probeKubelet } from './endpoint/probe-kubelet';
import { RemoteControl } from './endpoint/remote-control';
import { versionOf } from './probe';
import { containerIdBy } from './subject/container-id';
import { ExchangeLog } from './subject/exchange-log';
import { type KubeletFacts, kubeletNode } from './subject/kubelet-node';
import { containersOf, type PodContainers, type SeenContainer } from './subject/pods';
import { poll } from './subject/poll';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import { waitUntil } from './subject/wait-until';
import type { SpecSubject, Target } from './target';
import type { TargetSettings } from './target-settings';

/** How long a spec waits for a condition, milliseconds. */
const PATIENCE_MS = 20_000;
/** Time without a response after which a kubelet is considered gone, milliseconds. */
const ALIVE_MS = 3_000;

class EndpointTarget implements Target {
  constructor(
    readonly description: TargetDescription,
    readonly facts: KubeletFacts,
    readonly undo: Undo,
  ) {}

  lacks(need: Need): string | undefined {
    // If the endpoint is missing, every rule is unsupported for this reason.
    return this.description.lacks['kubelet'] ?? this.description.lacks[need];
  }

  subject(onlyWaits = () => {}): SpecSubject {
    const log = new ExchangeLog();
    const over = new AbortController();
    // A spec may send many requests at once, and each adds a listener.
    setMaxListeners(0, over.signal);
    const runtime = noRuntime(this.description.lacks['runtime'] ?? '');
    return {
      runtime,
      archivesFrom: 'kubelet',
      elsewhere: async () => runtime,
      exchanges: log.exchanges,
      unanswered: () => log.unanswered(),
      node: async (circumstances: Circumstances = {}) => {
        if (Object.keys(circumstances).length > 0)
          throw new Unsupported(this.description.lacks['kubelet-configuration'] ?? '');
        return kubeletNode(this.facts, log, over.signal);
      },
      until: waitUntil(PATIENCE_MS),
      onlyWaits,
      [Symbol.asyncDispose]: async () => over.abort(),
    };
  }

  /**
   * Returns why the kubelet is gone. Any response, even with an error status, shows that the kubelet is still running.
   */
  async gone(): Promise<string | undefined> {
    let last = '';
    const isThere = async () => {
      const signal = AbortSignal.timeout(ALIVE_MS);
      const answer = this.facts.client.request({ target: '/healthz', signal });
      return answer.then(
        () => true,
        (error: unknown) => {
          last = errorText(error);
          return false;
        },
      );
    };
    const [there] = await poll(isThere, (answered) => answered, ALIVE_MS);
    return there ? undefined : `the kubelet no longer answers (${last})`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.undo.run();
  }
}

type ListContainers = (() => Promise<readonly SeenContainer[]>) | undefined;

/** Returns a function that lists containers through the kubelet or the runtime; undefined if neither is accessible. */
async function containerLister(
  client: KubeletClient,
  cri: CriClient | undefined,
  signal: AbortSignal,
): Promise<ListContainers> {
  const pods = async () => containersIn(await client.request({ target: '/pods', signal }));
  if ((await pods()) !== undefined) return async () => (await pods()) ?? [];
  return cri && (() => containersOf(cri));
}

/**
 * Returns the containers for the specs: containers of the suite's static pods, or containers that the user named.
 * Throws UserError if there are no such containers, or if another flag is needed.
 */
async function containersFor(settings: TargetSettings, look: ListContainers, undo: Undo): Promise<PodContainers> {
  const { podManifestPath, containers, image } = settings;
  if (podManifestPath === undefined) {
    if (containers.length === 0)
      throw new UserError(
        'a kubelet that is already running is tested with its containers: name those that may be checkpointed with --container NAMESPACE/POD/CONTAINER, or its static pod directory with --pod-manifest-path',
      );
    return roles(containers, await look?.());
  }
  if (!look)
    throw new UserError(
      `--pod-manifest-path ${podManifestPath}: these credentials may not list the pods of the kubelet, so the suite cannot see when its pods run; allow get on nodes/pods (nodes/proxy before 1.33), or give --runtime-endpoint`,
    );
  const placed = await PlacedPods.place(podManifestPath, image);
  undo.add(() => placed.remove());
  return await placed.containers(look);
}

interface RuntimeBehind {
  readonly cri: CriClient | undefined;
  readonly control: RemoteControl | undefined;
  readonly described: string;
}

/** Connects to the runtime behind the kubelet, as far as flags permit. */
async function runtimeBehind(
  { runtimeEndpoint, imageEndpoint, runtimeControl }: TargetSettings,
  undo: Undo,
): Promise<RuntimeBehind> {
  const cri = runtimeEndpoint === undefined ? undefined : new CriClient(runtimeEndpoint, imageEndpoint);
  if (cri) undo.add(() => cri.close());
  const version = cri && (await versionOf(cri, runtimeEndpoint ?? ''));
  const control = runtimeControl === undefined ? undefined : await RemoteControl.connect(runtimeControl);
  if (control) undo.add(() => control.close());
  const fake = control && `fake with control address ${control.url}`;
  return { cri, control, described: [version, fake].filter(Boolean).join(', ') || 'unknown' };
}

const running = (containers: PodContainers) => {
  try {
    return containers.running;
  } catch {
    return undefined;
  }
};

async function start(
  settings: TargetSettings,
  connection: KubeletConnection,
  undo: Undo,
  signal: AbortSignal,
): Promise<Target> {
  const client = new KubeletClient(connection.access);
  undo.add(() => client.close());
  const probed = await probeKubelet(client, connection, signal);
  const { cri, control, described } = await runtimeBehind(settings, undo);
  const local = localPaths(settings);
  const archives = new CreatedArchives({ directory: settings.checkpointDir?.[1], local });
  undo.add(() => archives.remove());
  const filtered = filteringClient(client, connection, probed.anonymousReason, archives);
  const isThere = probed.lacks.kubelet === undefined;
  const containers: PodContainers = isThere
    ? await containersFor(settings, await containerLister(client, cri, signal), undo)
    : roles([], []);
  const first = running(containers);
  const tried = isThere && first ? await probeCheckpoint(filtered, first, signal) : undefined;
  const [archive] = tried ? archivesIn(tried.answer) : [];
  const reportedRoot = (await control?.state())?.kubelet?.rootDirectory;
  const version = settings.kubernetesVersion ?? probed.version;
  const lacks = {
    ...lacksOf(connection, control),
    ...(tried?.lacks ?? { checkpoint: 'no running container was given' }),
    // A served fake runtime can refuse checkpoints on request.
    ...(control && { refusal: undefined }),
    ...(await filesLack(archive, local)),
    ...probed.lacks,
  };
  const facts: KubeletFacts = {
    client: filtered,
    containers,
    get rootDirectory() {
      return rootDirectory(reportedRoot, archive);
    },
    get runtimeRequestTimeoutSeconds() {
      if (probed.requestTimeoutSeconds === undefined)
        throw new Unsupported('these credentials may not read the runtimeRequestTimeout of the kubelet at /configz');
      return probed.requestTimeoutSeconds;
    },
    admin: control?.admin ?? UNOBSERVED_RUNTIME,
    ended: () => undefined,
    containerId:
      (cri && containerIdBy(cri)) ??
      control?.containerId ??
      (() => Promise.reject(new Unsupported('only the runtime knows the ids of containers; give --runtime-endpoint'))),
    local,
  };
  const by = first ? `, tested with ${first.namespace}/${first.pod}/${first.container}` : '';
  const description = {
    kubelet: `${version ?? 'of unknown version'}, ${connection.named.replace(/^--\S+ /, '')}${by}`,
    runtime: described,
    lacks: Object.fromEntries(
      Object.entries(lacks).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    found: foundBy(
      lacks,
      first &&
        tried && {
          container: first,
          answer: tried.answer,
          archive,
          stays: settings.checkpointDir === undefined,
        },
    ),
  };
  return new EndpointTarget(description, facts, undo);
}

/**
 * Connects to a running kubelet and makes a target that uses it.
 *
 * @returns a target that the caller disposes of
 * @throws UserError if the kubelet does not answer or does not accept the credentials. Nothing is then left behind
 */
export async function startKubeletEndpoint(settings: TargetSettings, signal: AbortSignal): Promise<Target> {
  const undo = new Undo();
  try {
    const scratch = await makeScratch();
    undo.add(() => removeDirectory(scratch));
    return await start(settings, await kubeletConnection(settings, scratch), undo, signal);
  } catch (error) {
    await undo.run();
    throw error;
  }
}
