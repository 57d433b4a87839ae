// Tests that archives of the fakes have no findings, and that `inspect` shows their contents.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readTemplate, templateEntries } from '../../fakes/archive/template/template';
import { counterSnapshot } from '../../fakes/archive/testing/counter-snapshot';
import { writeArchive } from '../../fakes/archive/writing/writer';
import { LAYOUTS, type LayoutName } from '../dev/runtimes/fake-archive';
import { FAKE_WORKLOADS } from '../dev/runtimes/fake-workloads';
import { inspectArchive } from './inspect-archive';
import { RECORDED } from './testing/rebuild';
import { textLines } from './text';

let directory: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-inspect-fakes-'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

const { signal } = new AbortController();
const names = (variables: readonly string[]) => variables.map((variable) => variable.split('=')[0]);

describe.each(Object.keys(LAYOUTS) as LayoutName[])('as %s writes it', (layout) => {
  test.each(FAKE_WORKLOADS)('$name', async ({ enrich }) => {
    const snapshot = enrich(counterSnapshot());
    const location = path.join(directory, 'archive.tar');
    await writeArchive({ snapshot, entries: LAYOUTS[layout](snapshot), location, signal });
    const inspection = await inspectArchive(location);
    expect(inspection.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(inspection.engine).toBe(layout.toLowerCase());
    expect(inspection.processes.map(({ pid, parentPid, threads }) => ({ pid, parentPid, threads }))).toEqual(
      snapshot.processes.map(({ pid, parentPid, threads = [] }) => ({ pid, parentPid, threads: [pid, ...threads] })),
    );
    expect(inspection.processes.map(({ environmentNames }) => environmentNames)).toEqual(
      snapshot.processes.map(({ environment }) => names(environment)),
    );
    for (const [i, { openFiles, listening = [], memoryBytes }] of snapshot.processes.entries()) {
      const shown = inspection.processes[i];
      expect(shown?.memoryBytes).toBeGreaterThan(memoryBytes);
      for (const { fd, path: name, position } of openFiles)
        expect(shown?.openFiles).toContainEqual({ fd, type: 'REG', name, position: String(position) });
      for (const { fd, address, port } of listening)
        expect(shown?.openFiles).toContainEqual({
          fd,
          type: 'INETSK',
          name: `${address}:${port}`,
          protocol: 'TCP',
          state: 'LISTEN',
        });
    }
    const inRoot = snapshot.changedFiles.filter(({ path: name }) => !name.startsWith('/dev/'));
    const deleted = inRoot.filter(({ content }) => content === undefined).map(({ path: name }) => name);
    expect(inspection.changes.deleted).toEqual(deleted);
    for (const { path: name, content } of inRoot) if (content) expect(inspection.changes.changed).toContain(name);
  });
});

test('unix sockets are shown by path or in the form of /proc, with their peers', async () => {
  const counter = counterSnapshot();
  const unixSockets = [
    { fd: 3, number: 1, path: '/run/app.sock', backlog: 5 },
    { fd: 4, number: 3, path: '/run/app.sock', peer: 2 },
    { fd: 5, number: 2, path: '', peer: 3 },
  ];
  const snapshot = { ...counter, processes: counter.processes.map((process) => ({ ...process, unixSockets })) };
  const location = path.join(directory, 'sockets.tar');
  await writeArchive({ snapshot, entries: LAYOUTS.containerd(snapshot), location, signal });
  const inspection = await inspectArchive(location);
  expect(inspection.findings).toEqual([]);
  const lines = [...textLines(inspection)].filter((line) => line.includes('UNIXSK')).map((line) => line.slice(12));
  const numbers = [...new Set(lines.join().match(/(?<=socket:\[)\d+/g))];
  const [server, client] = numbers.map((inode) => `socket:[${inode}]`);
  const shown = [
    '3 UNIXSK /run/app.sock LISTEN',
    `4 UNIXSK /run/app.sock ${server} to ${client}`,
    `5 UNIXSK ${client} to ${server}`,
  ];
  expect(numbers).toHaveLength(2);
  expect(lines.map((line) => line.replace(/^\W+/, ''))).toEqual([...shown, ...shown]);
});

test.each(RECORDED)('made from the recorded archive of %s', async (recorded) => {
  const template = await readTemplate(path.join(__dirname, '../../specs/archive/testdata', `${recorded}-counter.tar`));
  const snapshot = counterSnapshot({ containerId: 'a'.repeat(64), podName: 'another' });
  const location = path.join(directory, 'template.tar');
  await writeArchive({ snapshot, entries: templateEntries(template, snapshot), location, signal });
  const { findings, container, processes } = await inspectArchive(location);
  expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  expect(container).toMatchObject({ id: snapshot.containerId, podName: 'another' });
  expect(processes).toHaveLength(2);
});
