// Makes cgroup.img: the container's cgroup in every hierarchy of cgroup version 1, with the values that a restore sets.
import { criu } from '../../../proto/load';
import { Recent } from '../../base/recent';
import { swapLimit } from '../resources';
import type { SnapshotResources } from '../snapshot';
import { field, imageOfEncoded } from './criu-image';
import { CGROUP_SET } from './namespaces';

const READ_WRITE = { mode: 0o100644, uid: 0, gid: 0 };
const READ_ONLY = { mode: 0o100444, uid: 0, gid: 0 };
const DIRECTORY = { mode: 0o40755, uid: 0, gid: 0 };
const UNLIMITED = '9223372036854771712';
/** The kernel's default values. */
const UNSET = { shares: 1024, period: 100_000, quota: -1 } as const;
const PAGE = 4096;
const DEVICES = `b *:* m
c *:* m
c 1:3 rwm
c 1:5 rwm
c 1:7 rwm
c 1:8 rwm
c 1:9 rwm
c 5:0 rwm
c 5:2 rwm
c 10:200 rwm
c 136:* rwm`;

/** Files of every cgroup of version 1, with their values. */
const COMMON = { 'cgroup.clone_children': '0', notify_on_release: '0', 'cgroup.procs': '', tasks: '' } as const;

interface Controller {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Returns a memory limit as the kernel does, rounded down to full pages. */
const pages = (limit = 0) => (limit > 0 ? String(limit - (limit % PAGE)) : UNLIMITED);

/** Returns the controllers with their values, in CRIU's order. */
const controllersOf = (limits: SnapshotResources): readonly Controller[] => [
  { name: 'pids', values: { 'pids.max': 'max', ...COMMON } },
  { name: 'blkio', values: COMMON },
  { name: 'freezer', values: { ...COMMON, 'freezer.state': 'FROZEN' } },
  { name: 'devices', values: { 'devices.list': DEVICES, ...COMMON } },
  {
    name: 'memory',
    values: {
      'memory.limit_in_bytes': pages(limits.memoryLimitInBytes),
      'memory.memsw.limit_in_bytes': pages(swapLimit(limits)),
      'memory.swappiness': '60',
      'memory.soft_limit_in_bytes': UNLIMITED,
      'memory.move_charge_at_immigrate': '0',
      'memory.oom_control': '0',
      'memory.use_hierarchy': '1',
      'memory.kmem.limit_in_bytes': UNLIMITED,
      'memory.kmem.tcp.limit_in_bytes': UNLIMITED,
      ...COMMON,
    },
  },
  {
    name: 'cpuset',
    values: {
      'cpuset.cpus': '0-1',
      'cpuset.mems': '0',
      'cpuset.memory_migrate': '0',
      'cpuset.cpu_exclusive': '0',
      'cpuset.mem_exclusive': '0',
      'cpuset.mem_hardwall': '0',
      'cpuset.memory_spread_page': '0',
      'cpuset.memory_spread_slab': '0',
      'cpuset.sched_load_balance': '1',
      'cpuset.sched_relax_domain_level': '-1',
      ...COMMON,
    },
  },
  { name: 'cpuacct', values: COMMON },
  {
    name: 'cpu',
    values: {
      'cpu.shares': String(limits.cpuShares || UNSET.shares),
      'cpu.cfs_period_us': String(limits.cpuPeriod || UNSET.period),
      'cpu.cfs_quota_us': String(limits.cpuQuota || UNSET.quota),
      'cpu.rt_period_us': '1000000',
      'cpu.rt_runtime_us': '0',
      ...COMMON,
    },
  },
  // The hierarchy of version 2, which has no controllers.
  {
    name: '',
    values: {
      'cgroup.subtree_control': '',
      'cgroup.max.descendants': 'max',
      'cgroup.max.depth': 'max',
      'cgroup.freeze': '0',
      'cgroup.type': 'domain',
    },
  },
  { name: 'name=systemd', values: COMMON },
];

/** Encodes the parts of each controller that are the same for all containers with the same limits. */
const encoded = (limits: SnapshotResources) =>
  controllersOf(limits).map(({ name, values }) => {
    const controller = criu('cg_controller_entry');
    const properties = Object.entries(values).map(([key, value]) => ({
      name: key,
      value,
      perms: key === 'devices.list' ? READ_ONLY : READ_WRITE,
    }));
    return {
      name: controller.encode({ cnames: [name] }),
      values: criu('cgroup_dir_entry').encode({ properties, dir_perms: DIRECTORY }),
      kind: controller.encode({ is_threaded: name !== '' }),
    };
  });
const recent = new Recent<ReturnType<typeof encoded>>(64);

/** Names of the hierarchies in the order of `cg_set_entry`. */
const MEMBER_NAMES = controllersOf({})
  .map(({ name }) => name)
  .sort();
/** Field numbers: the controllers of a `cgroup_entry`, and the directories of a `cg_controller_entry`. */
const FIELD = { controllers: 2, dirs: 2 } as const;

/**
 * Makes the `cgroup.img` of a container.
 *
 * @param path absolute path of the container's cgroup, which is the same in every hierarchy
 * @param limits the resource limits; 0 and undefined mean no limit
 */
export function cgroup(path: string, limits: SnapshotResources): Buffer {
  const { cpuPeriod, cpuQuota, cpuShares, memoryLimitInBytes } = limits;
  const key = [cpuPeriod, cpuQuota, cpuShares, memoryLimitInBytes, swapLimit(limits)].join(' ');
  const controllers = recent.get(key, () => encoded(limits));
  const directory = criu('cgroup_dir_entry').encode({ dir_name: path.replace(/^\//, '') });
  const set = { id: CGROUP_SET, ctls: MEMBER_NAMES.map((name) => ({ name, path })) };
  return imageOfEncoded('cgroup', [
    Buffer.concat([
      criu('cgroup_entry').encode({ sets: [set] }),
      ...controllers.map(({ name, values, kind }) =>
        field(FIELD.controllers, [name, field(FIELD.dirs, [directory, values]), kind]),
      ),
    ]),
  ]);
}
