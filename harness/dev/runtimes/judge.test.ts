// Tests the checks with recorded output of checkpointctl 1.3.0 for an archive with known contents.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareInspected, compareShown, type ExpectedArchive } from './judge';
import { compareImages, parseShown } from './judge-crit';
import { compareListed } from './judge-list';
import { bytesAt, compareMemorySizes, foundAt, humanSize } from './judge-memory';

const read = (name: string) => readFileSync(path.join(__dirname, 'testdata', name), 'utf8');
const table = read('checkpointctl-show.txt');
const document: unknown = JSON.parse(read('checkpointctl-inspect.json'));

const plain = { strings: [], openFiles: [{ fd: 0, path: '/dev/null', position: 0 }], listening: [], unixSockets: [] };
const environment = { GREETING: 'hello-from-env', HOME: '/', HOSTNAME: 'vm', PATH: '/bin' };
const sleep = {
  pid: 20,
  command: 'sleep',
  arguments: ['sleep', '1'],
  environment: { ...environment, PWD: '/', SHLVL: '1' },
  threads: [20],
  memoryBytes: 65_536,
  ...plain,
  children: [],
};
const counter = {
  pid: 1,
  command: 'sh',
  arguments: ['/bin/sh', '-c', 'echo started > /tmp/state; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'],
  environment,
  threads: [1],
  memoryBytes: 73_728,
  ...plain,
  children: [sleep],
};
const expected: ExpectedArchive = {
  containerName: 'counter',
  image: 'docker.io/library/busybox:latest',
  containerId: '00c587eb6cc3ede3fe57f838151c75a90a243f9b36bbc0e6d6aa6447f9346818',
  engine: 'containerd',
  memoryPagesBytes: 139_264,
  rootFsDiffBytes: 212,
  podName: 'counter-node1',
  podNamespace: 'default',
  mountPoints: ['/etc/hosts'],
  images: ['stats-dump'],
  processTree: counter,
};

test('the output matches the snapshot', () => {
  expect(compareShown(table, expected)).toEqual([]);
  expect(compareInspected(document, expected)).toEqual([]);
});

describe('a difference is reported', () => {
  test.each<[string, ExpectedArchive, RegExp]>([
    ['size', { ...expected, memoryPagesBytes: 4096 }, /memory_pages_size as 139264 instead of 4096/],
    ['command', { ...expected, processTree: { ...counter, command: 'ash' } }, /command of process 1 .*"ash"/],
    ['argument', { ...expected, processTree: { ...counter, arguments: ['sh'] } }, /cmdline of process 1/],
    [
      'open file',
      { ...expected, processTree: { ...counter, openFiles: [{ fd: 0, path: '/x', position: 0 }] } },
      /file 0 of process 1/,
    ],
    ['socket', { ...expected, processTree: { ...counter, listening: [{ fd: 3, port: 80 }] } }, /port 80/],
    ['mount', { ...expected, mountPoints: ['/data'] }, /mount at \/data/],
    ['missing child', { ...expected, processTree: { ...counter, children: [] } }, /number of children of process 1/],
    [
      'child that is not there',
      { ...expected, processTree: { ...counter, children: [{ ...sleep, children: [sleep] }] } },
      /number of children of process 20/,
    ],
  ])('%s', (_title, other, sentence) => {
    expect(compareInspected(document, other)[0]).toMatch(sentence);
  });

  test('in the environment, by name and without the value', () => {
    const processTree = { ...counter, environment: { ...environment, GREETING: 'a-secret' } };
    const sentences = compareInspected(document, { ...expected, processTree });
    expect(sentences).toEqual([expect.stringMatching(/variable GREETING of process 1/)]);
    expect(sentences.join()).not.toMatch(/hello|secret/);
  });
});

test('output without the container is a difference', () => {
  expect(compareShown('', expected)).toHaveLength(1);
  expect(compareInspected([], expected)).toHaveLength(1);
});

describe('memory', () => {
  const rows = (size: string) =>
    `PID   PROCESS NAME   MEMORY SIZE\n1     sh             ${size}      0 B\n20    sleep          64.0 KiB\n`;

  test('sizes are compared as they are printed', () => {
    expect(compareMemorySizes(rows('72.0 KiB'), expected)).toEqual([]);
    expect(compareMemorySizes(rows('1.0 MiB'), expected)).toEqual([
      expect.stringMatching(/1\.0 MiB, 0 B instead of 1, sh/),
    ]);
    expect([0, 1023, 1024, 1_500_000, 2 ** 33].map(humanSize)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.4 MiB',
      '8.0 GiB',
    ]);
  });

  test('bytes are read across rows of a dump, including repeated ones', () => {
    const row = (at: string, hex: string) => `${at}  ${hex}  |................|\n`;
    const a = '61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61';
    const dump = `${row('0000000000401000', a)}*\n${row('0000000000401030', a.replaceAll('61', '62'))}`;
    expect(bytesAt(dump, 0x40102e, 4).toString()).toBe('aabb');
    expect(foundAt('ADDRESS            MATCH\n000000002566d000   second-needle   1\n')).toEqual([0x2566d000]);
  });
});

test('the list has a row for each archive', () => {
  const table = 'NAMESPACE   POD\ndefault     counter-node1   counter     containerd   23 Nov 26 12:18 UTC   a.tar\n';
  expect(compareListed(table, '/x/a.tar', expected)).toEqual([]);
  expect(compareListed(table, '/x/b.tar', expected)).toHaveLength(4);
});

test('images that crit does not show, or shows differently, are differences', () => {
  const line = (name: string, entries: object[]) => `${name}\t${JSON.stringify({ magic: 'M', entries })}\n`;
  const stats = line('stats-dump', [{ dump: { pages_written: 34 } }]);
  const tree = line('checkpoint/pstree.img', [
    { pid: 1, ppid: 0, threads: [1] },
    { pid: 20, ppid: 1, threads: [20] },
  ]);
  const found = compareImages(parseShown(stats + tree), expected);
  expect(found.filter((sentence) => /pages written|processes as/.test(sentence))).toEqual([]);
  expect(found).toContainEqual(expect.stringMatching(/name of process 20 as undefined instead of "sleep"/));
  expect(compareImages(parseShown(tree), expected)).toContainEqual('crit show does not show stats-dump.');
});

test('unix sockets are compared by path and state, in the form that crit prints', () => {
  const line = (name: string, entries: object[]) =>
    `checkpoint/${name}.img\t${JSON.stringify({ magic: 'M', entries })}\n`;
  const shown = parseShown(
    line('ids-1', [{ files_id: 2 }]) +
      line('fdinfo-2', [
        { id: 7, type: 'UNIXSK', fd: 3 },
        { id: 8, type: 'UNIXSK', fd: 4 },
      ]) +
      line('files', [
        { type: 'UNIXSK', id: 7, usk: { state: 'LISTEN', name: '/run/a.sock=00' } },
        { type: 'UNIXSK', id: 8, usk: { state: 'ESTABLISHED', name: '' } },
      ]),
  );
  const judged = (second: { path: string; listens: boolean }) => {
    const unixSockets = [
      { fd: 3, path: '/run/a.sock', listens: true },
      { fd: 4, ...second },
    ];
    const tree = { ...expected, processTree: { ...counter, unixSockets } };
    return compareImages(shown, tree).filter((sentence) => sentence.includes('socket'));
  };
  expect(judged({ path: '', listens: false })).toEqual([]);
  expect(judged({ path: '', listens: true })).toEqual([expect.stringMatching(/socket 4 of process 1 .*"ESTABLISHED"/)]);
  expect(judged({ path: '/b', listens: false })).toEqual([expect.stringMatching(/instead of \["\/b=00"/)]);
});
