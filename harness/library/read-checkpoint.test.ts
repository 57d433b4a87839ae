// Tests that tests of clients can read checkpoints: contents without secrets, and secret values only by explicit calls.
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { inspectArchive, readCheckpoint } from '../index';

const recorded = (name: string) => path.join(__dirname, '../../specs/archive/testdata', `${name}-counter.tar`);
const SECRET = 'hello-from-env';

test.each(['containerd-2.1.9', 'cri-o-1.37'])('a checkpoint of %s', async (name) => {
  const checkpoint = await readCheckpoint(recorded(name));
  expect(checkpoint).toMatchObject({
    engine: name.slice(0, name.lastIndexOf('-')),
    container: { name: 'counter', podName: 'counter-node1' },
    processes: [{ name: 'sh', environmentNames: expect.arrayContaining(['GREETING']) }, { name: 'sleep' }],
    changedFiles: expect.arrayContaining(['/tmp/state']),
  });
  expect(JSON.stringify(checkpoint)).not.toContain(SECRET);
  const pid = checkpoint.processes[0]?.pid ?? 0;
  expect(await checkpoint.environmentOf(pid)).toMatchObject({ GREETING: SECRET });
  expect(await checkpoint.memoryContains(pid, SECRET)).toBe(true);
  expect(await checkpoint.memoryContains(pid, 'no such text')).toBe(false);
});

test('an archive that is not of a single container is refused', async () => {
  await expect(readCheckpoint(__filename)).rejects.toThrow(/it is not a tar archive$/);
  await expect(inspectArchive('/nowhere.tar')).rejects.toThrow(/there is no such file$/);
});
