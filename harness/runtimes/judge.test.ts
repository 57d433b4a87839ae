// The judge, on what checkpointctl 1.3.0 printed of an archive whose contents are known.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareInspected, compareShown, type ExpectedArchive } from './judge';

const read = (name: string) => readFileSync(path.join(__dirname, 'testdata', name), 'utf8');
const table = read('checkpointctl-show.txt');
const document: unknown = JSON.parse(read('checkpointctl-inspect.json'));

const environment = { GREETING: 'hello-from-env', HOME: '/', HOSTNAME: 'vm', PATH: '/bin' };
const sleep = {
  pid: 20,
  command: 'sleep',
  arguments: ['sleep', '1'],
  environment: { ...environment, PWD: '/', SHLVL: '1' },
  children: [],
};
const counter = {
  pid: 1,
  command: 'sh',
  arguments: ['/bin/sh', '-c', 'echo started > /tmp/state; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'],
  environment,
  children: [sleep],
};
const expected: ExpectedArchive = {
  containerName: 'counter',
  image: 'docker.io/library/busybox:latest',
  containerId: '00c587eb6cc3ede3fe57f838151c75a90a243f9b36bbc0e6d6aa6447f9346818',
  engine: 'containerd',
  memoryPagesBytes: 139_264,
  rootFsDiffBytes: 212,
  processTree: counter,
};

test('what was put in is what is printed', () => {
  expect(compareShown(table, expected)).toEqual([]);
  expect(compareInspected(document, expected)).toEqual([]);
});

describe('a difference is said', () => {
  test.each<[string, ExpectedArchive, RegExp]>([
    ['size', { ...expected, memoryPagesBytes: 4096 }, /memory_pages_size as 139264 instead of 4096/],
    ['command', { ...expected, processTree: { ...counter, command: 'ash' } }, /command of process 1 .*"ash"/],
    ['argument', { ...expected, processTree: { ...counter, arguments: ['sh'] } }, /cmdline of process 1/],
    ['missing child', { ...expected, processTree: { ...counter, children: [] } }, /number of children of process 1/],
    [
      'child that is not there',
      { ...expected, processTree: { ...counter, children: [{ ...sleep, children: [sleep] }] } },
      /number of children of process 20/,
    ],
  ])('%s', (_title, other, sentence) => {
    expect(compareInspected(document, other)[0]).toMatch(sentence);
  });

  test('environment, by name and without its value', () => {
    const processTree = { ...counter, environment: { ...environment, GREETING: 'a-secret' } };
    const sentences = compareInspected(document, { ...expected, processTree });
    expect(sentences).toEqual([expect.stringMatching(/variable GREETING of process 1/)]);
    expect(sentences.join()).not.toMatch(/hello|secret/);
  });
});

test('a table without the container, and a document without one, are differences', () => {
  expect(compareShown('', expected)).toHaveLength(1);
  expect(compareInspected([], expected)).toHaveLength(1);
});
