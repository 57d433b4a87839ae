// Tests the user, the capabilities and the masked paths of a container in its archive.
import { describe, expect, it } from '@jest/globals';
import { containerdEntries } from './containerd/containerd-layout';
import { crioEntries } from './crio/crio-layout';
import type { SnapshotSecurity } from './snapshot';
import { contentOf, counterSnapshot } from './testing/counter-snapshot';
import { crioSnapshot } from './testing/crio-snapshot';
import { messages } from './testing/read-images';

const ROOT: SnapshotSecurity = { uid: 0, gid: 0, groups: [0], maskedPaths: [], readonlyPaths: [] };

const containerd = (security: SnapshotSecurity) => containerdEntries(counterSnapshot({ security }));
const crio = (security: SnapshotSecurity) => crioEntries(crioSnapshot({ security }));
type Entries = ReturnType<typeof containerd>;

const json = (entries: Entries, name: string): unknown => JSON.parse(contentOf(entries, name).toString());
const creds = (entries: Entries) =>
  messages('core_entry', contentOf(entries, 'checkpoint/core-1.img'))[0]?.thread_core?.creds;
const names = (...bare: string[]) => bare.map((name) => `CAP_${name}`);

describe.each([
  ['containerd', containerd],
  ['cri-o', crio],
])('in the layout of %s', (_, entriesOf) => {
  it('a user other than root has its groups and no capabilities', () => {
    const entries = entriesOf({ ...ROOT, uid: 1000, gid: 2000, groups: [2000, 3000], noNewPrivileges: true });
    expect(json(entries, 'spec.dump')).toMatchObject({
      process: { user: { uid: 1000, gid: 2000, additionalGids: [2000, 3000] }, noNewPrivileges: true },
    });
    expect(creds(entries)).toMatchObject({
      ...{ uid: 1000, euid: 1000, suid: 1000, fsuid: 1000, gid: 2000, egid: 2000, sgid: 2000, fsgid: 2000 },
      ...{ groups: [2000, 3000], cap_prm: [0, 0], cap_eff: [0, 0], no_new_privs: 1 },
    });
    expect(creds(entries)?.cap_bnd).not.toEqual([0, 0]);
  });

  it('capabilities are added and dropped as configured', () => {
    const added = entriesOf({ ...ROOT, addedCapabilities: ['BPF', 'cap_net_admin'], droppedCapabilities: ['ALL'] });
    expect(json(added, 'spec.dump')).toHaveProperty('process.capabilities', {
      bounding: names('BPF', 'NET_ADMIN'),
      effective: names('BPF', 'NET_ADMIN'),
      permitted: names('BPF', 'NET_ADMIN'),
    });
    // Bits 12 and 39 (linux/capability.h).
    expect(creds(added)).toMatchObject({ cap_bnd: [1 << 12, 1 << 7], cap_eff: [1 << 12, 1 << 7] });
    const none = entriesOf({ ...ROOT, droppedCapabilities: ['ALL'] });
    expect(json(none, 'spec.dump')).toHaveProperty('process.capabilities', {});
    const all = entriesOf({ ...ROOT, privileged: true });
    expect(creds(all)).toMatchObject({ cap_bnd: [0xffffffff, 0x1ff], cap_eff: [0xffffffff, 0x1ff] });
  });

  it('all other capabilities are kept if one is dropped', () => {
    const [before, after] = [entriesOf(ROOT), entriesOf({ ...ROOT, droppedCapabilities: ['CHOWN'] })].map(creds);
    expect(after?.cap_bnd).toEqual([(before?.cap_bnd?.[0] ?? 0) & ~1, 0].map((word) => word >>> 0));
  });

  it('a read-only root is read-only in the configuration and in its mount', () => {
    const flags = (entries: Entries) => {
      const image = entries.find(({ name }) => name.startsWith('checkpoint/mountpoints-'))?.name ?? '';
      return messages('mnt_entry', contentOf(entries, image)).find(({ mountpoint }) => mountpoint === '/')?.flags ?? 0;
    };
    const entries = entriesOf({ ...ROOT, readonlyRoot: true });
    expect(json(entries, 'spec.dump')).toHaveProperty('root.readonly', true);
    expect([flags(entries) & 1, flags(entriesOf(ROOT)) & 1]).toEqual([1, 0]);
    expect(json(entriesOf(ROOT), 'spec.dump')).not.toHaveProperty('root.readonly');
  });

  it('with a read-only root, the binds of the runtime except shared memory are read-only too', () => {
    const writable = (readonlyRoot: boolean) => {
      const { mounts } = Object(json(entriesOf({ ...ROOT, readonlyRoot }), 'spec.dump'));
      return mounts
        .filter(({ options }: { options: string[] }) => options.includes('rw'))
        .map(({ destination }: { destination: string }) => destination);
    };
    const ofPod = counterSnapshot().mounts.map(({ containerPath }) => containerPath);
    expect(writable(true).sort()).toEqual([...ofPod, '/dev/shm'].sort());
    expect(writable(false)).toEqual(
      expect.arrayContaining([...ofPod, '/dev/shm', '/etc/resolv.conf', '/etc/hostname']),
    );
  });

  it('paths are masked only if they are configured', () => {
    const mountPoints = (security: SnapshotSecurity) => {
      const entries = entriesOf(security);
      const image = entries.find(({ name }) => name.startsWith('checkpoint/mountpoints-'))?.name ?? '';
      return messages('mnt_entry', contentOf(entries, image)).map(({ mountpoint }) => mountpoint);
    };
    const bare = mountPoints(ROOT);
    const masked = mountPoints({ ...ROOT, maskedPaths: ['/proc/keys', '/proc/unknown'], readonlyPaths: ['/proc/sys'] });
    expect(masked.filter((at) => !bare.includes(at))).toEqual(['/proc/keys', '/proc/sys']);
    expect(bare).toContain('/proc');
    expect(
      mountPoints({ ...ROOT, privileged: true, maskedPaths: ['/proc/keys'], readonlyPaths: ['/proc/sys'] }),
    ).toEqual(bare);
  });

  it('only a privileged container may write to /sys', () => {
    const sys = (privileged: boolean) => {
      const entries = entriesOf({ ...ROOT, privileged, maskedPaths: ['/a'] });
      const image = entries.find(({ name }) => name.startsWith('checkpoint/mountpoints-'))?.name ?? '';
      const { mounts, linux } = Object(json(entries, 'spec.dump'));
      return [
        linux.maskedPaths?.includes('/a') ?? false,
        mounts.filter(({ options }: { options: string[] }) => options.includes('ro')).length,
        messages('mnt_entry', contentOf(entries, image)).filter(({ flags }) => ((flags ?? 0) & 1) === 1).length,
      ];
    };
    // In the configuration: sysfs and the directory of cgroups. Mounted: sysfs and nine cgroup hierarchies.
    expect([sys(false), sys(true)]).toEqual([
      [true, 2, 10],
      [false, 0, 0],
    ]);
  });
});

it('status.dump contains the user, and spec.dump the configured paths', () => {
  const entries = containerd({ ...ROOT, uid: 7, gid: 8, groups: [8], maskedPaths: ['/a'], readonlyPaths: ['/b'] });
  expect(json(entries, 'status.dump')).toHaveProperty('user', { linux: { uid: 7, gid: 8, supplemental_groups: [8] } });
  expect(json(entries, 'spec.dump')).toMatchObject({ linux: { maskedPaths: ['/a'], readonlyPaths: ['/b'] } });
  expect(json(containerd(ROOT), 'spec.dump')).not.toHaveProperty('linux.maskedPaths');
});

it('the empty directory for masking is in the archive only if a directory is masked', () => {
  const images = (entries: Entries) => entries.map(({ name }) => name).filter((name) => name.includes('tmpfs-dev-'));
  const masked = images(containerd({ ...ROOT, maskedPaths: ['/proc/acpi'] }));
  expect(masked.filter((name) => !images(containerd(ROOT)).includes(name))).toEqual([
    'checkpoint/tmpfs-dev-149.tar.gz.img',
  ]);
});
