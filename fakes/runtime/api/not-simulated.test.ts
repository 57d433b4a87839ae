// Tests that a command that cannot be simulated is reported in every place that shows a container.
import { beforeEach, expect, test } from '@jest/globals';
import { benchForEachTest } from '../testing/test-runtime';

let warnings: string[];
beforeEach(() => {
  warnings = [];
});
const bench = benchForEachTest(() => ({ warn: (sentence) => void warnings.push(sentence) }));

const CHILDREN = 'for c in nginx httpd; do sh -c "$c" & done; wait';

test.each([
  [['nginx', '-g', 'daemon off;'], 'the program nginx is not supported'],
  [['sh', '-c', 'date | cat'], '"|" is not supported'],
  [['sh'], 'sh without -c is not supported'],
  [['sh', '-c', 'curl localhost & wait'], 'the program curl is not supported'],
  [['sh', '-c', "sh -c 'curl localhost'; echo end"], 'the command curl is not supported'],
  [['sh', '-c', 'date > /f &'], 'a redirection of a background command is not supported'],
  [['env', 'A=b', 'sleep', '1'], 'env with arguments is not supported'],
  [['nc', '-l', '80'], 'nc with anything but a unix socket is not supported'],
  [['sh', '-c', CHILDREN], 'the command nginx is not supported'],
])('the command %j', async (command, notSimulated) => {
  const { client, runtime, clock } = bench;
  const container_id = await client.container(await client.pod('web'), { command });
  clock.advance(1000);
  expect(warnings).toEqual([
    `container default/web/main stays idle, because its command cannot be simulated: ${notSimulated}`,
  ]);
  expect(runtime.control.container(container_id)).toMatchObject({ simulated: false, notSimulated });
  const { info } = await client.call('ContainerStatus', { container_id, verbose: true });
  expect(JSON.parse(info['info'] ?? '')).toMatchObject({ simulated: false, notSimulated });
});

test('a command that is simulated is not reported', async () => {
  const { client, runtime, clock } = bench;
  const container_id = await client.container(await client.pod('web'));
  clock.advance(1000);
  expect(warnings).toEqual([]);
  expect(runtime.control.container(container_id)).toMatchObject({ simulated: true });
  expect(runtime.control.container(container_id)).not.toHaveProperty('notSimulated');
  const { info } = await client.call('ContainerStatus', { container_id, verbose: true });
  expect(JSON.parse(info['info'] ?? '')).not.toHaveProperty('simulated');
});
