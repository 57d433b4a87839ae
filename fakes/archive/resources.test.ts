// Tests the resource limits of a container in its archive. The expected values were recorded from containerd 2.1.9.
import { expect, test } from '@jest/globals';
import { containerdEntries } from './containerd/containerd-layout';
import { crioEntries } from './crio/crio-layout';
import type { SnapshotResources } from './snapshot';
import { contentOf, counterSnapshot } from './testing/counter-snapshot';
import { crioSnapshot } from './testing/crio-snapshot';
import { messages } from './testing/read-images';

type Entries = ReturnType<typeof containerdEntries>;
const json = (entries: Entries, name: string) => JSON.parse(contentOf(entries, name).toString());
const oomScoreAdj = (entries: Entries) =>
  messages('core_entry', contentOf(entries, 'checkpoint/core-1.img'))[0]?.tc?.oom_score_adj;

const DEVICES = [{ allow: false, access: 'rwm' }];
const LIMIT = 64 * 1024 * 1024;
const SET = { cpuPeriod: 50_000, cpuQuota: 25_000, cpuShares: 512, oomScoreAdj: 500, memoryLimitInBytes: LIMIT };

test.each<[string, SnapshotResources, object, number | undefined, object, number]>([
  ['no limits', {}, { devices: DEVICES }, undefined, {}, 1],
  ['limits of zero', { cpuShares: 0, oomScoreAdj: 0 }, { devices: DEVICES, memory: {}, cpu: {} }, 0, {}, 0],
  [
    'a limit of memory',
    SET,
    { devices: DEVICES, memory: { limit: LIMIT, swap: LIMIT }, cpu: { shares: 512, quota: 25_000, period: 50_000 } },
    500,
    {
      ...{ cpu_period: 50_000, cpu_quota: 25_000, cpu_shares: 512, memory_limit_in_bytes: LIMIT },
      ...{ oom_score_adj: 500, memory_swap_limit_in_bytes: LIMIT },
    },
    500,
  ],
  [
    'limits of memory and swap',
    { oomScoreAdj: 0, memoryLimitInBytes: LIMIT, memorySwapLimitInBytes: 2 * LIMIT },
    { devices: DEVICES, memory: { limit: LIMIT, swap: 2 * LIMIT }, cpu: {} },
    0,
    { memory_limit_in_bytes: LIMIT, memory_swap_limit_in_bytes: 2 * LIMIT },
    0,
  ],
])('the archive of a container with %s has the recorded values', (_, resources, oci, adjusted, cri, ofTasks) => {
  const entries = containerdEntries(counterSnapshot({ resources }));
  const { process, linux } = json(entries, 'spec.dump');
  expect([linux.resources, process.oomScoreAdj]).toEqual([oci, adjusted]);
  expect([json(entries, 'status.dump').resources, json(entries, 'status').Resources]).toEqual([
    { linux: cri },
    { linux: cri },
  ]);
  expect(oomScoreAdj(entries)).toBe(ofTasks);
});

test('CRI-O writes CPU limits only if the container has any limits', () => {
  const limitsIn = (resources: SnapshotResources) =>
    json(crioEntries(crioSnapshot({ resources })), 'spec.dump').linux.resources;
  expect(limitsIn({})).not.toHaveProperty('cpu');
  expect(limitsIn(SET)).toMatchObject({ memory: { limit: LIMIT, swap: LIMIT }, cpu: { shares: 512, quota: 25_000 } });
});
