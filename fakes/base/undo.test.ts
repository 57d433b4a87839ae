// Tests that all steps run once, in reverse order.
import { expect, test } from '@jest/globals';
import { Undo } from './undo';

test('undo steps run once and in reverse order, even if one of them fails', async () => {
  const steps: number[] = [];
  const undo = new Undo();
  for (const step of [1, 2, 3]) {
    undo.add(async () => {
      steps.push(step);
      if (step === 2) throw new Error('no');
    });
  }
  const first = undo.run();
  await expect(undo.run()).rejects.toThrow('no');
  await expect(first).rejects.toThrow('no');
  expect(steps).toEqual([3, 2, 1]);
});
