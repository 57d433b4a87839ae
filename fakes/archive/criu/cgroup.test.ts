// Tests that cgroup.img contains the resource limits of a container as the kernel reports them.
import { expect, test } from '@jest/globals';
import type { SnapshotResources } from '../snapshot';
import { messages } from '../testing/read-images';
import { cgroup } from './cgroup';

function values(limits: SnapshotResources): ReadonlyMap<string, string> {
  const [entry] = messages('cgroup_entry', cgroup('/group', limits));
  const properties = (entry?.controllers ?? []).flatMap(
    ({ dirs }) => dirs?.flatMap((directory) => directory.properties ?? []) ?? [],
  );
  return new Map(properties.map(({ name, value }) => [name ?? '', value ?? '']));
}

const LIMITS = [
  'cpu.shares',
  'cpu.cfs_period_us',
  'cpu.cfs_quota_us',
  'memory.limit_in_bytes',
  'memory.memsw.limit_in_bytes',
];

test.each<[string, SnapshotResources, readonly string[]]>([
  [
    "the kernel's defaults if no limits are configured",
    {},
    ['1024', '100000', '-1', '9223372036854771712', '9223372036854771712'],
  ],
  [
    'the configured limits, with memory rounded to pages',
    { cpuShares: 512, cpuPeriod: 50_000, cpuQuota: 25_000, memoryLimitInBytes: 64 * 1024 * 1024 + 17 },
    ['512', '50000', '25000', '67108864', '67108864'],
  ],
  [
    'limits of memory with swap',
    { memoryLimitInBytes: 4096, memorySwapLimitInBytes: 8192 },
    ['1024', '100000', '-1', '4096', '8192'],
  ],
  [
    'limits of memory with another limit of swap',
    { memoryLimitInBytes: 4096, memorySwapLimitInBytes: 16_384 },
    ['1024', '100000', '-1', '4096', '16384'],
  ],
])('cgroup.img contains %s', (_, limits, expected) => {
  const found = values(limits);
  expect(LIMITS.map((name) => found.get(name))).toEqual(expected);
});
