// Tests that the personas respond to the recorded calls about restores, stopped sandboxes, streamed lists and whole
// pods as recorded.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CriStreamMethod } from '../../base/cri-call';
import { type Answer, type Recording, type Row, recordedCalls } from '../testing/recorded-calls';
import { prepare, shown, World } from '../testing/recorded-world';

let directory: string;
beforeEach(async () => {
  directory = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'recorded-')));
});
afterEach(() => fs.rm(directory, { recursive: true }));

const at = (name: string) => path.join(directory, name);
const inDirectory = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('{DIR}', directory)) as T;
const said = (answer: Answer) => shown(answer).replace(/\/tmp\/checkpoint\d+/, '{TEMP}');

/**
 * Starts the persona in the state of the recording: a checkpointed container, files beside its archive, a second
 * sandbox.
 */
async function start(name: string, { sandbox, main, timeOf }: Recording, row: Row): Promise<World> {
  const { pod_sandbox_id = '', sandbox_config: config } = row.request ?? {};
  const { container_id = '' } = { ...row.answer?.ok } as { container_id?: string };
  const world = await World.start(name, [sandbox, main, pod_sandbox_id, container_id], timeOf(row));
  await prepare(world, '');
  await world.call('CheckpointContainer', { container_id: main, location: at('ok.tar') });
  await fs.writeFile(at('ok.tar.gz'), gzipSync(await fs.readFile(at('ok.tar'))));
  await fs.writeFile(at('garbage.tar'), 'x'.repeat(2000));
  await fs.mkdir(at('adir'));
  if (config) await world.call('RunPodSandbox', { config: inDirectory(config) });
  if (row.name === 'create-in-stopped-sandbox') await world.call('StopPodSandbox', { pod_sandbox_id });
  return world;
}

describe.each([
  ['containerd-2.1', 'containerd-2.1.9-calls-2.json'],
  ['containerd-2.3', 'containerd-2.3.4-calls.json'],
  ['cri-o-1.37+restore', 'cri-o-1.37-calls-2.json'],
])('with the persona %s,', (name, file) => {
  const recording = recordedCalls(file);
  const { rows } = recording;
  const named = (wanted: string) => rows.find((row) => row.name === wanted);

  const asked = rows.filter(({ method, request, deadlineMs }) => {
    const isCreation = method === 'CreateContainer' && request?.sandbox_config !== undefined;
    return (isCreation || /Pod$/.test(method)) && request && deadlineMs === undefined;
  });
  test.each(asked.map((row) => [row.name, row] as const))('the result of %s is as recorded', async (_, row) => {
    await using world = await start(name, recording, row);
    expect(said(await world.call(row.method, inDirectory(row.request ?? {})))).toBe(
      said(inDirectory(row.answer ?? {})),
    );
  });

  const streams = rows.filter((row) => row.name.startsWith('stream '));
  test.each(streams.map((row) => [row.name, row] as const))('the result of %s is as recorded', async (_, row) => {
    await using world = await start(name, recording, row);
    expect(said(await world.stream(row.method as string as CriStreamMethod))).toBe(said(row.answer ?? {}));
  });

  const status = named('restore-path-status');
  const creation = named('restore-path');
  if (!status || !creation) return;
  test('a restored container has the recorded status and log path', async () => {
    await using world = await start(name, recording, creation);
    const { container_id } = { ...(await world.call('CreateContainer', inDirectory(creation.request ?? {}))).ok } as {
      container_id: string;
    };
    expect(await world.call('StartContainer', { container_id })).toEqual({ ok: {} });
    const view = ({ ok }: Answer) => {
      const { status, info } = ok as {
        status: { annotations: Record<string, string>; state: string; log_path: string; image: { image: string } };
        info: { info: string };
      };
      const { restored } = JSON.parse(info.info);
      const { annotations, state, log_path, image } = status;
      const { checkpointedAt, ...others } = annotations;
      return { others, isDated: checkpointedAt !== undefined, state, log_path, image: image.image, restored };
    };
    const now = view(await world.call('ContainerStatus', { container_id, verbose: true }));
    expect(now).toEqual(view(inDirectory(status.answer ?? {})));
    expect(await fs.readdir(at('logs2'))).toEqual([path.basename(now.log_path)]);
  });
});
