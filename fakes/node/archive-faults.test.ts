// Tests the effects of faults on archives.
import fs from 'node:fs/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ArchiveFault } from '../faults/rule';
import { until } from '../runtime/testing/test-client';
import { FaultBench } from './testing/fault-bench';

const bench = FaultBench.forEachTest();

describe('a fault can change an archive:', () => {
  const archive = (kind: ArchiveFault) => bench.faults.set([{ do: { archive: kind } }]);
  let size: number;
  beforeEach(async () => {
    await bench.checkpoint('whole.tar');
    size = (await fs.stat(bench.file('whole.tar'))).size;
    await fs.rm(bench.file('whole.tar'));
  });
  const found = async (name = 'a.tar') => {
    const { mode, size: bytes } = await fs.stat(bench.file(name));
    return { mode: (mode & 0o777).toString(8), bytes };
  };

  test.each([
    ['missing', undefined],
    ['empty', { mode: '600', bytes: 0 }],
    ['wrong-mode', { mode: '644', bytes: expect.any(Number) }],
    ['corrupt', { mode: '600', bytes: expect.any(Number) }],
  ] as const)('the archive is %s', async (kind, wanted) => {
    archive(kind);
    expect(await bench.checkpoint()).toBe('OK');
    expect(await found().catch(() => undefined)).toEqual(wanted);
    expect(await bench.checkpoint('right.tar')).toBe('OK');
    expect((await found('right.tar')).bytes).toBeGreaterThan(0);
  });

  test('the archive is late but intact', async () => {
    bench.faults.set([{ do: { archive: 'intact', delay: 300 } }]);
    const timers = bench.clock.pending;
    const answer = bench.checkpoint();
    await until(() => bench.clock.pending > timers);
    expect(bench.runtime.control.container(bench.id)?.frozen).toBe(false);
    bench.clock.advance(299);
    expect(await bench.names()).toEqual([]);
    bench.clock.advance(1);
    expect(await answer).toBe('OK');
    expect(await found()).toEqual({ mode: '600', bytes: size });
  });
  test('the archive is truncated', async () => {
    archive('truncated');
    expect(await bench.checkpoint()).toBe('OK');
    expect((await found()).bytes).toBeLessThan(size);
  });
  test('the archive is in a wrong location', async () => {
    archive('wrong-place');
    expect(await bench.checkpoint()).toBe('OK');
    expect(await bench.names()).toEqual(['misplaced-a.tar']);
  });
  test('the checkpoint fails and leaves an incomplete archive', async () => {
    archive('left-over');
    expect(await bench.checkpoint()).toBe(`13 INTERNAL: write ${bench.file()}: input/output error`);
    expect((await found()).bytes).toBeGreaterThan(0);
  });
  test('the checkpoint fails because the disk is full', async () => {
    archive('no-space');
    expect(await bench.checkpoint()).toBe(`8 RESOURCE_EXHAUSTED: write ${bench.file()}: no space left on device`);
    expect(await bench.names()).toEqual([]);
  });
  test('the archive is written slowly, and readers find it incomplete', async () => {
    archive('slow-write');
    const answer = bench.checkpoint();
    await until(() => bench.clock.pending > 0);
    while (!(await fs.stat(bench.file()).catch(() => undefined))?.size) await new Promise(setImmediate);
    const half = (await found()).bytes;
    expect(half).toBeLessThan(size);
    let ended = false;
    void answer.then(() => {
      ended = true;
    });
    while (!ended) {
      bench.clock.advance(200);
      await new Promise(setImmediate);
    }
    expect(await answer).toBe('OK');
    expect((await found()).bytes).toBeGreaterThan(half);
    expect(await bench.names()).toEqual(['a.tar']);
  });
  test('the container stays frozen', async () => {
    archive('frozen-container');
    expect(await bench.client.failure('Version', {})).toBe('OK');
    expect(await bench.checkpoint()).toBe('OK');
    expect(bench.runtime.control.container(bench.id)?.frozen).toBe(true);
  });
});
