// Tests that the containers of pods that are being removed end at once, even if they start later, and that other pods
// keep running.
import { expect, test } from '@jest/globals';
import { startRuntimeServer } from '../runtime/server';
import { testClient } from '../runtime/testing/test-client';
import { QuickRemoval } from './quick-removal';

test('a removal ends the running containers, and those that start during the removal', async () => {
  let looks = 0;
  const removal = new QuickRemoval(() => ({
    ...runtime.control,
    state: () => {
      looks += 1;
      return runtime.control.state();
    },
  }));
  await using runtime = await startRuntimeServer({ cri: [removal.cri] });
  using client = testClient(runtime.endpoint);
  const [web, other] = [await client.pod('web'), await client.pod('other')];
  const running = await client.container(web, { metadata: { name: 'main', attempt: 0 } });
  const otherContainer = await client.container(other);
  const created = await client.created(web, { metadata: { name: 'late', attempt: 0 } });
  const state = (id: string) => runtime.control.container(id)?.state;
  await removal.during(
    async () => {
      await client.call('StartContainer', { container_id: created });
      for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate);
    },
    ({ name }) => name === 'web',
  );
  expect([running, created, otherContainer].map(state)).toEqual([
    'CONTAINER_EXITED',
    'CONTAINER_EXITED',
    'CONTAINER_RUNNING',
  ]);
  expect(looks).toBe(1);
  const later = await client.container(web, { metadata: { name: 'later', attempt: 0 } });
  expect(state(later)).toBe('CONTAINER_RUNNING');
});
