import { describe, expect, test } from '@jest/globals';
import { until } from '../testing/test-client';
import { benchForEachTest, START } from '../testing/test-runtime';

const bench = benchForEachTest();

const status = async (container_id: string) => (await bench.client.call('ContainerStatus', { container_id })).status;

describe('StopContainer', () => {
  /**
   * Stops a running container, and returns when and how it ended.
   * @param timeout the grace period, seconds
   * @param advance how far to advance the clock, milliseconds
   */
  async function stop(script: string, timeout: number, advance: number) {
    const id = await bench.client.container(await bench.client.pod(), { command: ['sh', '-c', script] });
    bench.clock.advance(0);
    const stopped = bench.client.call('StopContainer', { container_id: id, timeout });
    await until(() => bench.runtime.calls.at(-1)?.method === 'StopContainer');
    bench.clock.advance(advance);
    await stopped;
    return status(id);
  }

  test.each([
    ['sleep 100', 30, 0, 143],
    ['sleep 100', 0, 0, 137],
    ["trap '' TERM; sleep 100", 2, 2000, 137],
    ["trap '' TERM; sleep 100", 0, 0, 137],
    ["trap 'exit 5' TERM; sleep 100", 2, 0, 5],
    ["trap '' TERM; sleep 1; exit 6", 2, 1000, 6],
  ])(
    'with %j and a grace period of %d s ends the container after %d ms with exit code %d',
    async (script, grace, advance, code) => {
      expect(await stop(script, grace, advance)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: code });
      expect(bench.clock.pending).toBe(0);
    },
  );

  test('waits for the grace period and no longer', async () => {
    const id = await bench.client.container(await bench.client.pod(), {
      command: ['sh', '-c', "trap '' TERM; sleep 100"],
    });
    bench.clock.advance(0);
    const stopped = bench.client.call('StopContainer', { container_id: id, timeout: 5 });
    await until(() => bench.runtime.calls.at(-1)?.method === 'StopContainer');
    bench.clock.advance(4999);
    expect((await status(id))?.state).toBe('CONTAINER_RUNNING');
    bench.clock.advance(1);
    await stopped;
    expect((await status(id))?.finished_at).toBe(`${START + 5000}000000`);
  });

  test('does not end an init process with its own PID namespace by a signal that it does not handle', async () => {
    const linux = { security_context: { namespace_options: { pid: 'CONTAINER' } } } as const;
    const id = await bench.client.container(await bench.client.pod(), { linux });
    const stopped = bench.client.call('StopContainer', { container_id: id, timeout: 2 });
    await until(() => bench.runtime.calls.at(-1)?.method === 'StopContainer');
    bench.clock.advance(2000);
    await stopped;
    expect(await status(id)).toMatchObject({ exit_code: 137, reason: 'Error' });
  });

  test('does nothing if the container is not running', async () => {
    const id = await bench.client.created(await bench.client.pod());
    await bench.client.call('StopContainer', { container_id: id, timeout: 10 });
    expect((await status(id))?.state).toBe('CONTAINER_CREATED');
  });

  test('sends the stop signal of the container', async () => {
    const id = await bench.client.container(await bench.client.pod(), { stop_signal: 'SIGNAL_SIGUSR1' });
    await bench.client.call('StopContainer', { container_id: id, timeout: 10 });
    expect(await status(id)).toMatchObject({ exit_code: 138, stop_signal: 'SIGNAL_SIGUSR1' });
  });

  test('does not kill the container if the client disconnects during the grace period', async () => {
    const id = await bench.client.container(await bench.client.pod(), {
      command: ['sh', '-c', "trap '' TERM; sleep 100"],
    });
    bench.clock.advance(0);
    const stopCall = bench.client.startCall('StopContainer', { container_id: id, timeout: 60 });
    await until(() => bench.runtime.calls.at(-1)?.method === 'StopContainer');
    stopCall.cancel();
    expect(await stopCall.failure).toMatch(/^1 CANCELLED/);
    await until(() => bench.runtime.calls.at(-1)?.endedAt !== undefined);
    bench.clock.advance(90_000);
    expect((await status(id))?.state).toBe('CONTAINER_RUNNING');
  });

  test('a frozen container handles the signal when it is resumed', async () => {
    const id = await bench.client.container(await bench.client.pod());
    bench.runtime.control.freeze(id);
    const stopped = bench.client.call('StopContainer', { container_id: id, timeout: 30 });
    await until(() => bench.runtime.calls.at(-1)?.method === 'StopContainer');
    expect((await status(id))?.state).toBe('CONTAINER_RUNNING');
    bench.runtime.control.thaw(id);
    await stopped;
    expect((await status(id))?.exit_code).toBe(143);
  });
});
