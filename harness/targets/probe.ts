// Probes what a runtime supports before specs run: its version, one real checkpoint and one restore.
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import type { CriOutcome, Need, TestContainer } from '../../specs/subject/subject';
import type { CriClient } from '../clients/cri-client';
import { refusalOf, restoreRefusalOf } from './refusals';
import { ExchangeLog } from './subject/exchange-log';
import type { SharedRuntime } from './subject/shared-runtime';
import { TrackedRuntime } from './subject/tracked-runtime';

const PROBE_SECONDS = 60;
/** Time for the first line of a log to appear, milliseconds. */
const LOG_PATIENCE_MS = 5_000;

/**
 * Returns the name and version of the runtime.
 *
 * @param endpoint the endpoint, for messages
 * @throws UserError if no CRI v1 runtime answers
 */
export async function versionOf(client: CriClient, endpoint: string): Promise<string> {
  const outcome = await client.call('Version', { version: 'v1' }, PROBE_SECONDS);
  if (outcome.ok) return `${outcome.response.runtime_name} ${outcome.response.runtime_version}`;
  if (outcome.code === 'UNIMPLEMENTED')
    throw new UserError(
      `--runtime-endpoint ${endpoint}: it answers gRPC but not CRI v1 (${outcome.message}); a runtime that only speaks v1alpha2 is too old`,
    );
  throw new UserError(
    `--runtime-endpoint ${endpoint}: no CRI runtime answers there (${outcome.code}: ${outcome.message}); start the runtime, or give the socket on which it listens`,
  );
}

/** Waits for the first line in a container's log file. Returns false if the suite sees no line in time. */
async function firstLine(container: TestContainer): Promise<boolean> {
  for (const end = performance.now() + LOG_PATIENCE_MS; performance.now() < end; await setTimeout(LOG_PATIENCE_MS / 50))
    if ((await container.progress()) > 0) return true;
  return false;
}

/** The result of the probe: why each capability is missing, or how it was found. */
export interface Probed {
  readonly lacks: Partial<Record<Need, string>>;
  readonly found: Partial<Record<Need, string>>;
  /** Sentences about steps that take a long time on this runtime. */
  readonly slow: string[];
}

/** Minimum duration of a step that is reported as slow, milliseconds. */
const SLOW_MS = 5_000;

/** Runs a step, and records it if it takes long. */
async function timed<T>(what: string, { slow }: Probed, step: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await step();
  const took = performance.now() - start;
  if (took >= SLOW_MS) slow.push(`${what} takes ${Math.round(took / 1000)} s here`);
  return result;
}

/**
 * Maximum number of attempts. A call is repeated after a failure that is not a known refusal, because CRIU sometimes
 * fails on busy machines.
 */
const ATTEMPTS = 3;

type Failed = Extract<CriOutcome<'CheckpointContainer'>, { ok: false }>;

/** Repeats a call until it succeeds or is refused for a known reason, at most three times. */
async function tried<Outcome extends { readonly ok: boolean }>(
  call: () => Promise<Outcome>,
  isRefusal: (outcome: Outcome) => boolean,
): Promise<Outcome> {
  for (let left = ATTEMPTS; ; left--) {
    const outcome = await call();
    if (outcome.ok || left === 1 || isRefusal(outcome)) return outcome;
  }
}

const failureOf = ({ code, message }: Pick<Failed, 'code' | 'message'>, method: string, rule: string) =>
  `${method} failed ${ATTEMPTS} times, the last time with ${code}: ${message} (${rule} reports it)`;

/** Checkpoints a container and returns the location of its archive, or undefined. */
async function probeCheckpoint(own: TrackedRuntime, container_id: string, { lacks, found }: Probed) {
  const location = path.join(await own.runtime.directory(), 'probe.tar');
  const options = { deadlineSeconds: PROBE_SECONDS };
  const outcome = await tried(
    () => own.runtime.call('CheckpointContainer', { container_id, location }, options),
    (one) => !one.ok && refusalOf(one) !== undefined,
  );
  if (outcome.ok) {
    lacks.refusal = 'the runtime implements CheckpointContainer';
    found.checkpoint = 'CheckpointContainer of a container of the suite succeeded';
    return location;
  }
  const refusal = refusalOf(outcome);
  const reason = refusal?.reason ?? failureOf(outcome, 'CheckpointContainer', 'runtime/checkpoint/works');
  for (const need of ['checkpoint', 'restore-attempt', 'restore'] as const) lacks[need] = reason;
  if (refusal) lacks['checkpoint-attempt'] = reason;
  if (refusal?.unimplemented) found.refusal = reason;
  else lacks.refusal = refusal ? reason : 'the runtime implements CheckpointContainer';
  return undefined;
}

/** Creates a container from an archive, to find out whether the runtime supports restore. */
async function probeRestore(own: TrackedRuntime, archive: string, { lacks, found }: Probed): Promise<void> {
  const outcome = await tried(
    async () => (await own.runtime.tried({ image: archive })).outcome,
    (one) => !one.ok && restoreRefusalOf(one, archive) !== undefined,
  );
  if (outcome.ok) {
    found.restore = 'CreateContainer created a container from an archive of the suite';
    return;
  }
  const refusal = restoreRefusalOf(outcome, archive);
  lacks.restore = refusal ?? failureOf(outcome, 'CreateContainer from an archive', 'runtime/restore/works');
  if (refusal !== undefined) lacks['restore-attempt'] = refusal;
}

/** Checks whether the suite sees the files that the runtime writes. */
async function probeFiles(container: TestContainer, scratch: string, { lacks, found }: Probed): Promise<void> {
  const isSeen = await firstLine(container);
  const finding = isSeen
    ? `the log of a container of the suite is visible below ${scratch}`
    : `files that the runtime writes below ${scratch} are not visible to the suite; give a directory that both see at the same path with --shared-dir`;
  for (const need of ['files', 'log-files'] as const) (isSeen ? found : lacks)[need] = finding;
}

/** Removes a sandbox of the probe, to measure how long that takes. */
async function probeRemoval(shared: SharedRuntime, probed: Probed): Promise<void> {
  const sandbox = shared.takeIdle();
  if (sandbox) await timed('stopping a sandbox', probed, () => shared.remove(sandbox));
}

async function probed(own: TrackedRuntime, { image, scratch }: SharedRuntime['options'], endpoint: string) {
  const result: Probed = { lacks: {}, found: {}, slow: [] };
  const start = () => own.runtime.started();
  const container = await timed('starting a container', result, start).catch((error: unknown) => {
    throw new UserError(
      `--runtime-endpoint ${endpoint}: a container of ${image} could not be started (${errorText(error)}); name an image that the runtime has with --image`,
    );
  });
  result.found.runtime = `it started a container of ${image}`;
  const archive = await timed('a checkpoint', result, () => probeCheckpoint(own, container.id, result));
  if (archive !== undefined) await timed('a restore', result, () => probeRestore(own, archive, result));
  await probeFiles(container, scratch, result);
  return result;
}

/**
 * Makes one real checkpoint and restores it, to find out what the runtime supports, whether the suite sees the
 * runtime's files, and which steps take long. If a call fails but is not refused for a known reason, one rule reports
 * the failure, and all other rules that need the capability are unsupported. If something cannot be removed, the run
 * continues and reports this at its end.
 *
 * @throws UserError if no container could be run
 */
export async function probe(shared: SharedRuntime, endpoint: string): Promise<Probed> {
  const own = new TrackedRuntime(shared, new ExchangeLog());
  const result = await probed(own, shared.options, endpoint).finally(() => shared.removes(own[Symbol.asyncDispose]()));
  await shared.removes(probeRemoval(shared, result));
  return result;
}
