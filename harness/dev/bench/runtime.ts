// Measures the fake runtime: time to the first response, pods per second, a full node, and events.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectToRuntime } from './client';
import { inFlight, makePod } from './pods';
import { message, start, stop } from './process';
import type { BenchRow } from './row';

const PODS = 2000;
/** Number of rounds. The fastest round counts, because other activity on the machine only makes a round slower. */
const ROUNDS = 3;
const IN_FLIGHT = 32;
const FULL = { sandboxes: 5000, containers: 2 };
const SUBSCRIBERS = 50;
const MIB = 1024 * 1024;

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const quantile = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

async function ready(): Promise<BenchRow> {
  const times: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const begin = performance.now();
    const child = start('server');
    const { endpoint } = await message(child);
    const client = connectToRuntime(String(endpoint));
    await client.call('Version', {});
    times.push(performance.now() - begin);
    client.close();
    await stop(child);
  }
  return { what: 'process start to first answer, median of 5', measured: quantile(times, 0.5), unit: 'ms', goal: 500 };
}

async function podsPerSecond(logs: string): Promise<BenchRow> {
  const child = start('server');
  const client = connectToRuntime(String((await message(child)).endpoint));
  await inFlight(200, IN_FLIGHT, (n) => makePod(client, `warm-${n}`, logs, 1));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    times.push(await inFlight(PODS, IN_FLIGHT, (n) => makePod(client, `pod-${round}-${n}`, logs, 1)));
  }
  client.close();
  await stop(child);
  const what = `pods created and started, ${IN_FLIGHT} in flight, one connection, best of ${ROUNDS}`;
  return { what, measured: (PODS / Math.min(...times)) * 1000, unit: '/s', goal: 1000, atLeast: true };
}

async function fullNode(logs: string): Promise<BenchRow[]> {
  const child = start('server');
  const endpoint = String((await message(child)).endpoint);
  const client = connectToRuntime(endpoint);
  const ids: string[] = [];
  await inFlight(FULL.sandboxes, IN_FLIGHT, async (n) =>
    ids.push(...(await makePod(client, `full-${n}`, logs, FULL.containers))),
  );
  child.send('memory');
  const resident = Number((await message(child)).residentBytes) / MIB;

  const alone: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const begin = performance.now();
    await client.bytesOf('ListContainers', {});
    alone.push(performance.now() - begin);
  }

  const lister = start('lister', endpoint);
  await message(lister);
  const statuses: number[] = [];
  for (let n = 0; n < 3000; n += 1) {
    const begin = performance.now();
    await client.call('ContainerStatus', { container_id: ids[(n * 37) % ids.length] });
    statuses.push(performance.now() - begin);
  }
  await stop(lister);

  child.send('memory');
  const afterwards = Number((await message(child)).residentBytes) / MIB;
  const events = await eventTimes(endpoint, logs);
  client.close();
  await stop(child);
  const many = `${ids.length} running containers`;
  return [
    { what: `resident with ${many}`, measured: resident, unit: 'MiB', goal: 300 },
    { what: 'the same after the lists below, garbage included', measured: afterwards, unit: 'MiB' },
    { what: `ListContainers of ${many}, first`, measured: alone[0] ?? Number.NaN, unit: 'ms', goal: 100 },
    { what: `ListContainers of ${many}, longest of 20`, measured: Math.max(...alone), unit: 'ms', goal: 100 },
    { what: 'ContainerStatus while such lists run, p99', measured: quantile(statuses, 0.99), unit: 'ms', goal: 25 },
    { what: 'ContainerStatus while such lists run, median', measured: quantile(statuses, 0.5), unit: 'ms', goal: 25 },
    {
      what: `start to event at the last of ${SUBSCRIBERS}, longest of 50`,
      measured: Math.max(...events),
      unit: 'ms',
      goal: 50,
    },
  ];
}

/**
 * Starts containers while many clients subscribe to events, each on its own connection. Returns a duration for each
 * container, milliseconds. It lasts from the call that starts the container until the last subscriber has received the
 * event.
 */
async function eventTimes(endpoint: string, logs: string): Promise<number[]> {
  const client = connectToRuntime(endpoint);
  const times: number[] = [];
  let missing = 0;
  let all: () => void = () => {};
  const subscribers = Array.from({ length: SUBSCRIBERS }, () => {
    const client = connectToRuntime(endpoint);
    client.events(() => {
      missing -= 1;
      if (missing === 0) all();
    });
    return client;
  });
  const settled = (count: number) => {
    missing = count * SUBSCRIBERS;
    return new Promise<void>((resolve) => {
      all = resolve;
    });
  };
  // Wait until all subscribers are connected, because a subscriber that connects later would miss events.
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let n = 0; n < 50; n += 1) {
    const made = settled(2);
    const sandbox = await client.call('RunPodSandbox', {
      config: { metadata: { name: `event-${n}`, namespace: 'default', uid: `event-${n}` }, log_directory: logs },
    });
    await made;
    const created = settled(1);
    const { container_id } = await client.call('CreateContainer', {
      pod_sandbox_id: sandbox.pod_sandbox_id,
      config: { metadata: { name: 'main' }, image: { image: 'busybox' }, command: ['sleep', 'infinity'] },
    });
    await created;
    const started = settled(1);
    const begin = performance.now();
    const answer = client.call('StartContainer', { container_id });
    await started;
    times.push(performance.now() - begin);
    await answer;
  }
  for (const client of subscribers) client.close();
  client.close();
  return times;
}

/** Runs the measurements. They take about a minute. */
export async function benchRuntime(): Promise<BenchRow[]> {
  // Write logs to memory if possible, so that the measurement does not depend on the disk.
  const memory = '/dev/shm';
  const logs = await mkdtemp(path.join(existsSync(memory) ? memory : tmpdir(), 'ckptest-bench-'));
  try {
    return [await ready(), await podsPerSecond(logs), ...(await fullNode(logs))];
  } finally {
    await rm(logs, { recursive: true, force: true });
  }
}
