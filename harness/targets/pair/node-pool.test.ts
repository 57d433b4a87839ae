// Tests that a node is reused for the same circumstances, and that a failed start is tried again only once. Tests that
// only one node runs at a time if required, and that a closed pool starts no node.
import { expect, test } from '@jest/globals';
import type { Circumstances } from '../../../specs/subject/subject';
import { NodePool } from './node-pool';

function pool(isExclusive: boolean, start?: (number: number) => Promise<void>) {
  const events: string[] = [];
  const made = new NodePool({
    isExclusive,
    async start(circumstances: Circumstances, number) {
      await start?.(number);
      const name = `${number} ${JSON.stringify(circumstances)}`;
      events.push(`start ${name}`);
      const close = async () => void events.push(`end ${name}`);
      return { name, ended: (): string | undefined => undefined, close };
    },
  });
  return { pool: made, events };
}

test('the same circumstances give the same node, in any order of their keys, unless another spec uses it', async () => {
  const { pool: nodes, events } = pool(false);
  const [one, other] = [{}, {}];
  const first = await nodes.lease({ anonymous: true, featureGate: false }, one);
  expect(await nodes.lease({ featureGate: false, anonymous: true }, one)).toBe(first);
  const second = await nodes.lease({ featureGate: false, anonymous: true }, other);
  expect(second).not.toBe(first);
  nodes.release(one);
  expect(await nodes.lease({ featureGate: false, anonymous: true }, other)).toBe(second);
  expect(await nodes.lease({ featureGate: false, anonymous: true }, one)).toBe(first);
  await nodes.lease({}, {});
  await nodes.close();
  expect(events).toHaveLength(6);
});

test('a node that fails to start is tried once more, then its error is kept', async () => {
  let tries = 0;
  const { pool: nodes } = pool(false, async () => {
    tries += 1;
    throw new Error('it does not come up');
  });
  for (const _ of [1, 2, 3, 4]) await expect(nodes.lease({}, {})).rejects.toThrow('it does not come up');
  expect(tries).toBe(2);
  await nodes.close();
});

test('with one node at a time, the next one waits until the current one is released', async () => {
  const { pool: nodes, events } = pool(true);
  const [one, other] = [{}, {}];
  await nodes.lease({}, one);
  const next = nodes.lease({ anonymous: true }, other);
  // A holder may lease its node again while another holder waits.
  await nodes.lease({}, one);
  expect(events).toEqual(['start 1 {}']);
  nodes.release(one);
  await next;
  expect(events).toEqual(['start 1 {}', 'end 1 {}', 'start 2 {"anonymous":true}']);
  await nodes.close();
  expect(events.at(-1)).toBe('end 2 {"anonymous":true}');
});

test('a spec that needs two nodes at once is unsupported if only one may run', async () => {
  const { pool: nodes } = pool(true);
  const holder = {};
  await nodes.lease({}, holder);
  await expect(nodes.lease({ anonymous: true }, holder)).rejects.toThrow('two kubelets at once');
  await nodes.close();
});

test('a closed pool starts nothing', async () => {
  const { pool: nodes, events } = pool(false);
  await nodes.close();
  await expect(nodes.lease({}, {})).rejects.toThrow('the run is over');
  expect(events).toEqual([]);
});
