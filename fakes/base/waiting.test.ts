// Tests that one caller continues in each turn of the event loop, in order, including later callers.
import { expect, test } from '@jest/globals';
import { LoopTurns } from './waiting';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('one caller continues per turn of the event loop, in the order of the calls', async () => {
  const turns = new LoopTurns();
  const entered: number[] = [];
  const take = (n: number) => void turns.take().then(() => entered.push(n));
  for (const n of [1, 2, 3]) take(n);
  await Promise.resolve();
  expect(entered).toEqual([]);
  await nextTurn();
  expect(entered).toEqual([1]);
  take(4);
  await nextTurn();
  expect(entered).toEqual([1, 2]);
  await nextTurn();
  await nextTurn();
  expect(entered).toEqual([1, 2, 3, 4]);
  take(5);
  await nextTurn();
  expect(entered).toEqual([1, 2, 3, 4, 5]);
});
