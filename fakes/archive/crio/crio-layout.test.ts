// Where CRI-O's layout differs from containerd's: tars without compression, lists of deleted files and binds, names.

import { describe, expect, it } from '@jest/globals';
import type { ContainerSnapshot } from '../snapshot';
import { contentOf, entryBytes } from '../testing/counter-snapshot';
import { crioSnapshot } from '../testing/crio-snapshot';
import { readTar } from '../testing/read-tar';
import { crioEntries } from './crio-layout';

const entriesOf = (other: Partial<ContainerSnapshot>) => crioEntries(crioSnapshot(other));
const parsed = (other: Partial<ContainerSnapshot>, name: string): unknown =>
  JSON.parse(contentOf(entriesOf(other), name).toString());
const names = (other: Partial<ContainerSnapshot>) => entriesOf(other).map(({ name }) => name);

describe('the root file system', () => {
  it('is a plain tar of new files, with the directories that are new', async () => {
    const changedFiles = [
      { path: '/srv/data/b', content: Buffer.from('b') },
      { path: '/etc/a', content: Buffer.from('a') },
    ];
    const members = await readTar(contentOf(entriesOf({ changedFiles }), 'rootfs-diff.tar'));
    expect(members.map(({ name }) => name)).toEqual(['etc/a', 'etc/mtab', 'srv/', 'srv/data/', 'srv/data/b']);
  });

  it('lists deleted files in a separate file, which exists only if there are any', () => {
    const deleted = [{ path: '/etc/motd' }, { path: '/bin/vi' }];
    expect(parsed({ changedFiles: deleted }, 'deleted.files')).toEqual(['/bin/vi', '/etc/motd']);
    expect(names({})).not.toContain('deleted.files');
    expect(names({ changedFiles: deleted }).at(-1)).toBe('deleted.files');
  });
});

describe('binds', () => {
  it('are directories unless something else is known', () => {
    const mounts = [{ containerPath: '/data', hostPath: '/nowhere/data', readonly: true }];
    expect(parsed({ mounts }, 'bind.mounts')).toContainEqual({
      source: '/nowhere/data',
      destination: '/data',
      file_type: 'directory',
      permissions: 0o755,
    });
    expect(parsed({ mounts }, 'spec.dump')).toHaveProperty('mounts.10.options', ['rbind', 'rprivate', 'ro', 'bind']);
  });
});

it('prefers the annotations of the runtime to those of the container, and those to the ones of the pod', () => {
  const annotations = { 'io.container.manager': 'somebody', own: '<&>' };
  expect(parsed({ annotations, podAnnotations: { own: 'no', pods: 'yes' } }, 'spec.dump')).toMatchObject({
    annotations: { 'io.container.manager': 'cri-o', own: '<&>', pods: 'yes' },
  });
});

it('writes empty values as Go does', () => {
  expect(parsed({ annotations: {}, labels: {}, mounts: [], attempt: 0 }, 'spec.dump')).toMatchObject({
    annotations: {
      'io.kubernetes.cri-o.Annotations': 'null',
      'io.kubernetes.cri-o.Volumes': 'null',
      'io.kubernetes.cri-o.Metadata': '{"name":"counter"}',
    },
  });
});

it('has entries of the announced size', () => {
  const [first, ...rest] = crioSnapshot().processes;
  if (!first) throw new Error('no process');
  for (const entry of entriesOf({ processes: [{ ...first, memoryBytes: 5_000_000 }, ...rest] }))
    expect(entryBytes(entry)).toHaveLength(entry.size);
});
