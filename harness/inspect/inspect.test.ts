// Tests the inspection of unchanged recorded archives, and of recorded archives to which one defect was added.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { UserError } from '../../fakes/base/user-error';
import { inspectArchive } from './inspect-archive';
import { file, inspectionBench } from './testing/bench';
import { type ArchiveChange, bytesOf, partsOf, RECORDED } from './testing/rebuild';
import { textLines } from './text';

/** The findings on archives of unmodified runtimes. */
const NOTES = { 'containerd-2.1.9': [], 'cri-o-1.37': ['archive/members/directories-can-be-entered'] } as const;
const SECRET = 'hello-from-env';

const bench = inspectionBench();
const { inspectBytes, inspectParts } = bench;
describe.each(RECORDED)('a recorded archive of %s', (name) => {
  test('has no errors and no warnings, and shows what is known of it', async () => {
    const inspection = await inspectBytes(bytesOf(await partsOf(name)));
    expect(inspection.findings.map(({ id }) => id)).toEqual(NOTES[name]);
    expect(inspection.engine).toBe(name.slice(0, name.lastIndexOf('-')));
    expect(inspection.container).toMatchObject({
      name: 'counter',
      podName: 'counter-node1',
      podNamespace: 'default',
      image: 'docker.io/library/busybox:latest',
    });
    expect(inspection.processes).toMatchObject([
      {
        pid: 1,
        parentPid: 0,
        name: 'sh',
        processGroup: 1,
        executable: '/bin/busybox',
        workingDirectory: '/',
        rootDirectory: '/',
        environmentNames: expect.arrayContaining(['GREETING', 'HOME']),
      },
      { parentPid: 1, name: 'sleep', environmentNames: expect.arrayContaining(['GREETING', 'SHLVL']) },
    ]);
    expect(inspection.processes[0]?.openFiles[0]).toEqual({ fd: 0, type: 'REG', name: '/dev/null', position: '0' });
    for (const { memoryAreas, memoryBytes } of inspection.processes) {
      expect(memoryAreas.reduce((sum, { dumpedBytes }) => sum + dumpedBytes, 0)).toBe(memoryBytes);
      expect(new Set(memoryAreas.map(({ kind }) => kind))).toEqual(
        new Set(['code', 'file', 'heap', 'anonymous', 'stack', 'kernel']),
      );
    }
    expect(inspection.sizes.memory).toBe(inspection.sizes.pages * 4096);
    expect(inspection.mounts.map(({ destination }) => destination)).toContain('/dev/shm');
    expect(inspection.changes.changed).toContain('/tmp/state');
  });

  test('is shown without memory contents and values of variables', async () => {
    const inspection = await inspectBytes(bytesOf(await partsOf(name)));
    const text = [...textLines(inspection)].join('\n');
    expect(text).toContain('GREETING');
    expect(text).toContain('sleep');
    expect(text + JSON.stringify(inspection)).not.toContain(SECRET);
  });
});

test('an archive with the entry names of Podman is read as one of Podman', async () => {
  const podman: ArchiveChange = (parts) =>
    parts
      .filter(({ name }) => name !== 'status' && name !== 'status.dump')
      .map((part) => {
        if (part.name !== 'spec.dump') return part;
        const spec: Record<string, unknown> = JSON.parse(part.content.toString());
        const annotations = { 'io.container.manager': 'libpod' };
        return { ...part, content: Buffer.from(JSON.stringify({ ...spec, annotations })) };
      })
      .concat(
        file('network.status', { content: Buffer.from('{}') }),
        file('devshm-checkpoint.tar', { content: Buffer.alloc(1024) }),
        file('pod.options', { content: Buffer.from('{}') }),
        file('deleted.files', { content: Buffer.from('["/etc/motd"]') }),
      );
  const inspection = await inspectParts(podman);
  expect(inspection.findings).toEqual([]);
  expect(inspection.engine).toBe('podman');
  expect(inspection.container.podName).toBeUndefined();
  expect(inspection.changes.deleted).toEqual(['/etc/motd']);
});

test('a name cannot send control characters to a terminal', async () => {
  const inspection = await inspectParts((parts) => [...parts, file('/\u001b[2J\n\u200f')]);
  const lines = [...textLines({ ...inspection, file: '\u001b[2J.tar' })];
  expect(lines.join('')).toContain('/\\x1b[2J\\x0a\\u200f');
  expect(lines[0]).toBe('\\x1b[2J.tar');
});

test('an inspection ends when its signal is aborted', async () => {
  const archive = await bench.write(bytesOf(await partsOf('cri-o-1.37')));
  const asked = new AbortController();
  const inspection = inspectArchive(archive, asked.signal);
  asked.abort();
  await expect(inspection).rejects.toThrow(/interrupted before it was read completely$/);
});

describe('a file that cannot be read gives one sentence', () => {
  test.each([
    ['nothing', Buffer.alloc(0), /it is empty/],
    ['a text', Buffer.alloc(4096, 'text '), /it is not a tar archive$/],
    ['a few bytes', Buffer.from('abc'), /it is not a tar archive$/],
    ['a compressed text', gzipSync(Buffer.alloc(4096, 'text ')), /it is not a tar archive$/],
  ])('%s', async (_title, bytes, sentence) => {
    await expect(inspectBytes(bytes)).rejects.toThrow(sentence);
    await expect(inspectBytes(bytes)).rejects.toThrow(UserError);
  });

  test.each([
    [() => bench.at(''), /it is a directory/],
    [() => bench.at('absent'), /there is no such file$/],
    [() => '/dev/null', /not a regular file/],
    [() => `${bench.at('')}\0`, /NUL/],
    [() => bench.at('x'.repeat(5000)), /too long/],
  ])('case %#', async (where, sentence) => {
    await expect(inspectArchive(where())).rejects.toThrow(sentence);
  });
});
