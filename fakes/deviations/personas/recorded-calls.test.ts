// Tests that the personas of containerd and CRI-O respond to the recorded CRI calls with the recorded codes, messages
// and files.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Recording, type Row, recordedCalls } from '../testing/recorded-calls';
import { CLIENT_SIDE, nameless, prepare, shown, World } from '../testing/recorded-world';

/** Matches rows about the address of a streaming server, which the fake runtime does not have. */
const NOT_SERVED = /^port-forward$/;

/**
 * Matches rows from a busy machine, where a dump took more than a second. Their results differ between recordings: a
 * deadline may pass before, during or after the pause, and any of three calls may come first.
 */
const BUSY = /^(deadline-[0-9]{2,}ms.*|three-at-once)$/;

/** Matches rows that recorded-restores.test.ts replays. */
const OTHER_TEST = /^(restore-|create-|stream |pod)/;

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

/** Returns the new files in the directory, except the archive in the response. */
async function created(before: readonly string[]) {
  const files = (await fs.readdir(directory)).filter((name) => !before.includes(name)).sort();
  return Promise.all(
    files.map(async (file) => ({ file, mode: ((await fs.stat(path.join(directory, file))).mode & 0o777).toString(8) })),
  );
}

async function replay(name: string, recording: Recording, row: Row): Promise<void> {
  const { sandbox, main } = recording;
  const container = row.container ?? main;
  await using world = await World.start(name, [sandbox, container], recording.timeOf(row));
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
  // When a deadline passes, the client creates the error message, so only the code can be compared.
  const codeOnly = recorded.some(({ message }) => message === CLIENT_SIDE);
  const seen = codeOnly ? answers.map(({ code }) => String(code)) : answers.map(shown);
  if (row.deadlineMs === undefined) expect(seen.sort()).toEqual(recorded.map(shown).sort());

  const files = await created(known);
  if (row.answers) expect(files).toHaveLength(row.created?.length ?? files.length);
  else {
    const written = [...(row.created ?? []), ...(row.changed ?? [])].filter(({ file }) => !known.includes(file));
    expect(files).toEqual(written.map(({ file, mode }) => ({ file, mode })));
  }
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

/** Returns `alive` if a command can be run in the container, else the reason why not. */
async function alive(world: World, container_id: string): Promise<string> {
  const { code, message } = await world.call('ExecSync', { container_id, cmd: ['/bin/echo', 'x'] });
  return code ? nameless(`${code}: ${message}`) : 'alive';
}

describe.each([
  ['containerd-2.1', 'containerd-2.1.9-calls.json', [NOT_SERVED]],
  ['containerd-2.1', 'containerd-2.1.9-calls-2.json', [BUSY, OTHER_TEST]],
  ['containerd-2.3', 'containerd-2.3.4-calls.json', [BUSY, OTHER_TEST]],
  ['cri-o-1.37', 'cri-o-1.37-calls.json', [NOT_SERVED]],
  ['cri-o-1.37', 'cri-o-1.37-calls-2.json', [OTHER_TEST]],
])('with the persona %s, the calls in %s:', (name, file, without) => {
  const recording = recordedCalls(file);
  const rows = recording.rows.filter((row) => !without.some((names) => names.test(row.name)));
  test.each(rows.map((row) => [row.name, row] as const))('the result of %s is as recorded', async (_, row) => {
    await replay(name, recording, row);
  });
});
