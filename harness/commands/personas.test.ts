// Tests that `ckptest personas` lists every name that the flags for deviations accept, with its summary.
import { expect, test } from '@jest/globals';
import { allDeviations } from '../../fakes/deviations/catalogue';
import { ckptest } from '../testing/command-line';

test('text has every name once, in a group that says how it is used', async () => {
  const { status, out } = await ckptest(['personas']);
  expect(status).toBe(0);
  const names = [...out.matchAll(/^ {2}(\S+)\n {6}(\S.*)$/gm)].map(([, name, summary]) => ({ name, summary }));
  expect(names).toHaveLength(allDeviations.length);
  expect(names).toEqual(expect.arrayContaining(allDeviations.map(({ name, summary }) => ({ name, summary }))));
  const groups = out.split('\n\n').map((group) => group.split('\n')[0]);
  expect(groups.map((title) => /--[a-z-]+/.exec(title ?? '')?.[0])).toEqual([
    '--persona',
    '--persona',
    '--persona',
    '--variant',
    '--mutant',
  ]);
  expect(out.split('\n\n')[1]).toMatch(/serve --kubelet-persona NAME\)\n {2}kubelet-1\.25\n/);
});

test('JSON has the same', async () => {
  const { out } = await ckptest(['personas', '--output', 'json']);
  expect(JSON.parse(out)).toEqual(allDeviations.map(({ name, kind, summary }) => ({ name, kind, summary })));
});
