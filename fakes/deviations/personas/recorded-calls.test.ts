// Repeats the recorded CRI calls of containerd and CRI-O on their personas, and compares codes, messages and files.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type CriUnaryMethod, criCall } from '../../../proto/load';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { COUNTER } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import { type Answer, type Recording, type Row, recordedCalls } from '../testing/recorded-calls';
import { persona } from './personas';

/** Rows for calls that the fake runtime does not implement. */
const NOT_SERVED = ['port-forward'];

/** Calls that take as long as their request says. */
const TAKE_TIME: readonly CriUnaryMethod[] = ['StopContainer', 'ExecSync'];

/** Stands for an error message that the client created itself. */
const CLIENT_SIDE = '(client-side deadline)';

const IMAGE = 'docker.io/library/busybox:latest';
const STUBBORN = ['/bin/sh', '-c', "trap '' TERM; while true; do sleep 1; done"];
/** Longer than a dump, and shorter than a second, because recorded messages contain times in seconds. */
const DUMP_MS = 100;

let directory: string;
let temporary: string;
const home = process.cwd();
beforeEach(async () => {
  directory = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'recorded-')));
  temporary = await fs.mkdtemp(path.join(os.tmpdir(), 'recorded-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterEach(async () => {
  process.chdir(home);
  jest.restoreAllMocks();
  const left = await fs.readdir(temporary);
  await Promise.all([directory, temporary].map((one) => fs.rm(one, { recursive: true })));
  expect(left).toEqual([]);
});

/** A runtime with a persona, and the recorded sandbox and container with their recorded ids. */
class World implements AsyncDisposable {
  static async start(name: string, { sandbox, container }: { sandbox: string; container: string }, now: number) {
    const clock = new ManualClock(now);
    const ids = [sandbox, container];
    let runtime: RuntimeServer | undefined;
    const control = () => (runtime as RuntimeServer).control;
    const options = { clock, ids: { next: () => ids.shift() ?? 'f'.repeat(64) } };
    runtime = await startRuntimeServer(applyToRuntime(options, persona(name).effects(control)));
    return new World(runtime, clock);
  }

  readonly #client: Client;

  constructor(
    readonly runtime: RuntimeServer,
    readonly clock: ManualClock,
  ) {
    this.#client = new Client(runtime.endpoint, credentials.createInsecure());
  }

  /** Makes a call and advances the clock until it ends. Only the server knows the deadline. */
  async call(method: CriUnaryMethod, request: object, deadlineMs?: number): Promise<Answer> {
    const { path: name, requestSerialize, responseDeserialize } = criCall(method);
    const metadata = new Metadata();
    if (deadlineMs !== undefined) metadata.set('grpc-timeout', `${deadlineMs}m`);
    let answer: Answer | undefined;
    this.#client.makeUnaryRequest(name, requestSerialize, responseDeserialize, request, metadata, (error, response) => {
      answer = error ? answerOf(error) : { ok: response ?? {} };
    });
    const before = this.runtime.calls.length;
    while (answer === undefined && this.runtime.calls.length === before) await setImmediate();
    for (let ms = 0; ms < DUMP_MS && answer === undefined; ms++) await this.#pass(1);
    while (answer === undefined)
      await this.#pass(this.runtime.calls.at(-1)?.endedAt ? 1000 : TAKE_TIME.includes(method) ? 1 : 0);
    return answer;
  }

  async #pass(ms: number): Promise<void> {
    if (ms > 0) this.clock.advance(ms);
    await setImmediate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.runtime.close();
  }
}

const answerOf = ({ code, details }: ServiceError): Answer => ({ code: status[code], message: details });

const SANDBOX = {
  metadata: { name: 'p1', namespace: 'probe', uid: 'uid-1', attempt: 0 },
  linux: { security_context: { namespace_options: { network: 2 } } },
};

/** Brings the container into the state that the row was recorded in. */
async function prepare(world: World, name: string): Promise<void> {
  const command =
    name === 'stop-grace-1s-ignored' ? STUBBORN : name === 'exit-7' ? ['/bin/sh', '-c', 'exit 7'] : COUNTER;
  await world.call('RunPodSandbox', { config: SANDBOX });
  const { ok } = await world.call('CreateContainer', {
    pod_sandbox_id: [...world.runtime.control.state().sandboxes][0]?.id,
    config: { metadata: { name: 'c' }, image: { image: IMAGE, user_specified_image: IMAGE }, command },
    sandbox_config: SANDBOX,
  });
  const container_id = String(Reflect.get(ok ?? {}, 'container_id'));
  if (name === 'state-created') return;
  await world.call('StartContainer', { container_id });
  if (/exited|removed/.test(name)) world.runtime.control.exit(container_id, 137);
  if (name === 'state-removed') await world.call('RemoveContainer', { container_id });
}

async function prepareFiles(): Promise<string[]> {
  await fs.mkdir(path.join(directory, 'adir'));
  await fs.writeFile(path.join(directory, 'existing.tar'), 'x'.repeat(600_000));
  await fs.chmod(path.join(directory, 'existing.tar'), 0o644);
  await fs.symlink('target.tar', path.join(directory, 'link.tar'));
  await fs.mkdir(path.join(directory, 'cwd'));
  process.chdir(path.join(directory, 'cwd'));
  return fs.readdir(directory);
}

const inDirectory = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('{DIR}', directory)) as T;

/** Returns the new files in the directory, except the archive that the response refers to. */
async function created(before: readonly string[]) {
  const files = (await fs.readdir(directory)).filter((name) => !before.includes(name)).sort();
  return Promise.all(
    files.map(async (file) => ({ file, mode: ((await fs.stat(path.join(directory, file))).mode & 0o777).toString(8) })),
  );
}

async function replay(name: string, recording: Recording, row: Row): Promise<void> {
  const { sandbox, main } = recording;
  const container = row.container ?? main;
  await using world = await World.start(name, { sandbox, container }, recording.timeOf(row));
  await prepare(world, row.name);
  const before = await prepareFiles();
  if (row.name === 'checkpoint-same-location') await fs.writeFile(path.join(directory, 'ok.tar'), '', { mode: 0o600 });
  if (row.before) await world.call(row.before.method, inDirectory(row.before.request), row.before.deadlineMs);
  const known = [...before, ...(await created(before)).map(({ file }) => file)];

  const answers = row.answers
    ? await Promise.all(
        row.answers.map((_, at) =>
          world.call('CheckpointContainer', {
            container_id: container,
            location: path.join(directory, `con${at + 1}.tar`),
          }),
        ),
      )
    : row.request
      ? [await world.call(row.method, inDirectory(row.request), row.deadlineMs)]
      : [];
  const recorded = (row.answers ?? (row.answer ? [row.answer] : [])).map(inDirectory);
  // At a deadline the client creates the error message, so only the code can be compared.
  const codeOnly = recorded.some(({ message }) => message === CLIENT_SIDE);
  const seen = codeOnly ? answers.map(({ code }) => String(code)) : answers.map(shown);
  if (row.deadlineMs === undefined) expect(seen.sort()).toEqual(recorded.map(shown).sort());

  const files = await created(known);
  if (row.answers) expect(files).toHaveLength(row.created?.length ?? 0);
  else expect(files).toEqual((row.created ?? []).map(({ file, mode }) => ({ file, mode })));
  const now = world.runtime.control.container(container);
  if (row.stateAfter) expect(now?.state).toBe(row.stateAfter);
  if (row.execAfter) expect(await alive(world, container)).toBe(nameless(row.execAfter));
  if (row.after) expect(now).toMatchObject({ state: row.after.state, exitCode: row.after.exit_code });
  if (row.fileAfter) {
    const content = await fs.readFile(path.join(directory, 'existing.tar'));
    const { mode } = await fs.stat(path.join(directory, 'existing.tar'));
    expect({
      mode: (mode & 0o777).toString(8),
      bytes: content.length,
      tail: content.toString('latin1', content.length - 4),
    }).toEqual(row.fileAfter);
  }
  if (row.name === 'location-relative') expect(await fs.readdir(process.cwd())).toEqual(['rel.tar']);
}

/** Removes process ids, which are different in every call. */
const nameless = (text: string) => text.replace(/exec "[0-9a-f]{64}"/, 'exec "{NEW}"');

/** Returns `ok` if a command can be run in the container, or else the reason why not. */
async function alive(world: World, container_id: string): Promise<string> {
  const { code, message } = await world.call('ExecSync', { container_id, cmd: ['/bin/echo', 'x'] });
  return code ? nameless(`${code}: ${message}`) : 'alive';
}

/** Of a successful response, keeps only ids and the results of commands. The persona does not determine the rest. */
function shown({ ok, code, message }: Answer): string {
  if (!ok) return message === CLIENT_SIDE ? `${code}` : nameless(`${code}: ${message}`);
  const known = Object.entries(ok).filter(([key]) => /^((container|pod_sandbox)_id|std(out|err)|exit_code)$/.test(key));
  return JSON.stringify(known.map(([key, value]) => [key, String(value)]).sort());
}

describe.each([
  ['containerd-2.1', 'containerd-2.1.9-calls.json'],
  ['cri-o-1.37', 'cri-o-1.37-calls.json'],
])('%s', (name, file) => {
  const recording = recordedCalls(file);
  const rows = recording.rows.filter((row) => !NOT_SERVED.includes(row.name));
  test.each(rows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    await replay(name, recording, row);
  });
});
