// Tests that `ckptest specs` lists the rules.
import { describe, expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { ckptest } from '../testing/command-line';

describe('specs', () => {
  test('lists every spec with all of its data', async () => {
    const { status, out } = await ckptest(['specs', '--output', 'json']);
    expect(status).toBe(0);
    const rows: Record<string, unknown>[] = JSON.parse(out);
    expect(rows.map(({ id }) => id)).toEqual(specs.map(({ id }) => id));
    for (const row of rows)
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['id', 'title', 'level', 'strength', 'source', 'since', 'needs', 'mutants']),
      );
  });

  test('selects by id and level', async () => {
    const { out } = await ckptest(['specs', '--focus', '^kubelet/gate/', '--level', 'observed']);
    const ids = out.split('\n').filter((line) => /^[a-z]/.test(line));
    expect(ids[0]).toBe('kubelet/gate/debugging-handlers-off-is-404');
    expect(out).toMatch(new RegExp(`^${ids.length} specs$`, 'm'));
  });
});
