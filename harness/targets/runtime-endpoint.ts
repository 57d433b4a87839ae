// A real runtime by its CRI socket, behind a fake kubelet: probed first, for what it offers.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../fakes/user-error';
import type { Need, OwnContainer } from '../../specs/subject';
import { CriClient } from '../clients/cri-client';
import { errorText } from '../error-text';
import { ExchangeLog } from './exchange-log';
import { OwnRuntime } from './own-runtime';
import { PairTarget } from './pair-target';
import { refusalOf } from './refusals';
import type { Target } from './target';

const PROBE_SECONDS = 60;
/** A real runtime starts processes and dumps them: it gets time. Milliseconds. */
const PATIENCE_MS = 20_000;
/** Time for the first line of a log to show up. */
const LOG_PATIENCE_MS = 5_000;

export interface RuntimeEndpointOptions {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly runtimeHandler: string;
  readonly image: string;
}

const NOT_FAKE = 'the runtime is a real one, so this cannot be arranged or seen from outside';

async function versionOf(client: CriClient, endpoint: string): Promise<string> {
  const outcome = await client.call('Version', { version: 'v1' }, PROBE_SECONDS);
  if (outcome.ok) return `${outcome.response.runtime_name} ${outcome.response.runtime_version}`;
  if (outcome.code === 'UNIMPLEMENTED')
    throw new UserError(
      `--runtime-endpoint ${endpoint}: it answers gRPC but not CRI v1 (${outcome.message}); a runtime that only speaks v1alpha2 is too old`,
    );
  throw new UserError(
    `--runtime-endpoint ${endpoint}: no CRI runtime answers there (${outcome.code}: ${outcome.message})`,
  );
}

/** Whether the log of a container that counts shows up here. */
async function firstLine(container: OwnContainer): Promise<boolean> {
  for (const end = performance.now() + LOG_PATIENCE_MS; performance.now() < end; await setTimeout(LOG_PATIENCE_MS / 50))
    if ((await container.progress()) > 0) return true;
  return false;
}

/** One real checkpoint tells what the runtime can do, and whether its files are seen from here. */
async function probe(
  client: CriClient,
  options: RuntimeEndpointOptions,
  scratch: string,
): Promise<Partial<Record<Need, string>>> {
  const lacks: Partial<Record<Need, string>> = { 'call-log': NOT_FAKE, 'runtime-faults': NOT_FAKE };
  const log = new ExchangeLog();
  await using own = new OwnRuntime({ ...options, client, log, scratch, refusing: (action) => action() });
  const container = await own.runtime.started().catch((error: unknown) => {
    throw new UserError(
      `--runtime-endpoint ${options.runtimeEndpoint}: a container of ${options.image} could not be run there (${errorText(error)}); name an image that the runtime has with --image`,
    );
  });
  const location = path.join(await own.runtime.folder(), 'probe.tar');
  const outcome = await client.call('CheckpointContainer', { container_id: container.id, location }, PROBE_SECONDS);
  const refusal = outcome.ok ? undefined : refusalOf(outcome);
  if (refusal === undefined) lacks.refusal = 'the runtime implements CheckpointContainer';
  else {
    lacks.checkpoint = refusal.reason;
    if (!refusal.unimplemented) lacks.refusal = refusal.reason;
  }
  if (!(await firstLine(container))) {
    const unseen = `files that the runtime writes below ${scratch} are not seen here; run where both see the same folder (TMPDIR)`;
    lacks['log-files'] = unseen;
    lacks.files = unseen;
  }
  return lacks;
}

/** Throws a UserError where nothing answers, or what answers is no CRI v1 runtime. */
export async function startRuntimeEndpoint(options: RuntimeEndpointOptions): Promise<Target> {
  const scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));
  const client = new CriClient(options.runtimeEndpoint, options.imageEndpoint);
  try {
    const version = await versionOf(client, options.runtimeEndpoint);
    const lacks = await probe(client, options, scratch);
    return new PairTarget({
      ...options,
      description: { kubelet: 'built-in fake', runtime: version, lacks },
      scratch,
      hold: {
        watch: () => () => [],
        during: (fault, action) =>
          fault === 'refuses' ? action() : Promise.reject(new Error('a real runtime cannot be told to fail')),
      },
      refusing: (action) => action(),
      bendKubelet: (kubelet) => kubelet,
      patienceMs: PATIENCE_MS,
      close: () => fs.rm(scratch, { recursive: true, force: true }),
    });
  } catch (error) {
    await fs.rm(scratch, { recursive: true, force: true });
    throw error;
  } finally {
    client.close();
  }
}
