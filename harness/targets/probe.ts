// Asks a runtime what it offers before any rule is tried on it: by its version, and by one real checkpoint and its restore.
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import type { Need, OwnContainer } from '../../specs/subject/subject';
import type { CriClient } from '../clients/cri-client';
import { refusalOf, restoreRefusalOf } from './refusals';
import { ExchangeLog } from './subject/exchange-log';
import { NO_ADMIN, OwnRuntime } from './subject/own-runtime';

const PROBE_SECONDS = 60;
/** Time for the first line of a log to show up. */
const LOG_PATIENCE_MS = 5_000;

/** What is known of a runtime beforehand. */
export interface ProbedRuntime {
  readonly runtimeEndpoint: string;
  readonly runtimeHandler: string;
  readonly image: string;
}

/** What the runtime calls itself. Throws a UserError where no CRI v1 runtime answers. */
export async function versionOf(client: CriClient, endpoint: string): Promise<string> {
  const outcome = await client.call('Version', { version: 'v1' }, PROBE_SECONDS);
  if (outcome.ok) return `${outcome.response.runtime_name} ${outcome.response.runtime_version}`;
  if (outcome.code === 'UNIMPLEMENTED')
    throw new UserError(
      `--runtime-endpoint ${endpoint}: it answers gRPC but not CRI v1 (${outcome.message}); a runtime that only speaks v1alpha2 is too old`,
    );
  throw new UserError(
    `--runtime-endpoint ${endpoint}: no CRI runtime answers there (${outcome.code}: ${outcome.message}); start the runtime, or name the socket that it listens on`,
  );
}

/** Whether the log of a container that counts shows up here. */
async function firstLine(container: OwnContainer): Promise<boolean> {
  for (const end = performance.now() + LOG_PATIENCE_MS; performance.now() < end; await setTimeout(LOG_PATIENCE_MS / 50))
    if ((await container.progress()) > 0) return true;
  return false;
}

/** What a runtime lacks, with the reason, and what it offers, with how that was found; by need. */
export interface Probed {
  readonly lacks: Partial<Record<Need, string>>;
  readonly found: Partial<Record<Need, string>>;
}

/** One real checkpoint tells what the runtime can do, and whether its files are seen from here. */
export async function probe(client: CriClient, options: ProbedRuntime, scratch: string): Promise<Probed> {
  const lacks: Partial<Record<Need, string>> = {};
  const found: Partial<Record<Need, string>> = {};
  const log = new ExchangeLog();
  await using own = new OwnRuntime({ ...options, client, log, scratch, admin: NO_ADMIN });
  const container = await own.runtime.started().catch((error: unknown) => {
    throw new UserError(
      `--runtime-endpoint ${options.runtimeEndpoint}: a container of ${options.image} could not be run there (${errorText(error)}); name an image that the runtime has with --image`,
    );
  });
  found.runtime = `it started a container of ${options.image}`;
  const location = path.join(await own.runtime.directory(), 'probe.tar');
  const outcome = await client.call('CheckpointContainer', { container_id: container.id, location }, PROBE_SECONDS);
  const refusal = outcome.ok ? undefined : refusalOf(outcome);
  if (refusal === undefined) {
    lacks.refusal = 'the runtime implements CheckpointContainer';
    // An error that is no refusal is for the rules to judge.
    found.checkpoint = outcome.ok
      ? 'CheckpointContainer of a container of the suite succeeded'
      : `CheckpointContainer is there: it failed with ${outcome.code}, which is no refusal`;
  } else {
    lacks.checkpoint = refusal.reason;
    lacks.restore = refusal.reason;
    if (refusal.unimplemented) found.refusal = refusal.reason;
    else lacks.refusal = refusal.reason;
  }
  if (outcome.ok) {
    const { outcome: restored } = await own.runtime.tried({ image: location });
    const reason = restored.ok ? undefined : restoreRefusalOf(restored, location);
    if (reason !== undefined) lacks.restore = reason;
    else {
      found.restore = restored.ok
        ? 'CreateContainer made a container of the archive of one of the suite'
        : `CreateContainer takes archives: it failed with ${restored.code}, which is no refusal`;
    }
  }
  if (!(await firstLine(container))) {
    const unseen = `files that the runtime writes below ${scratch} are not seen here; run where both see the same folder (TMPDIR)`;
    lacks['log-files'] = unseen;
    lacks.files = unseen;
  } else {
    const seen = `the log of a container of the suite shows up below ${scratch}`;
    found['log-files'] = seen;
    found.files = seen;
  }
  return { lacks, found };
}
