// Tests how CRI-O's layout differs from containerd's: uncompressed tars, lists of deleted files and of binds, and
// names.

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

describe('rootfs-diff.tar of CRI-O', () => {
  it('is an uncompressed tar of new files and new directories', async () => {
    const changedFiles = [
      { path: '/srv/data/b', content: Buffer.from('b') },
      { path: '/etc/a', content: Buffer.from('a') },
    ];
    const members = await readTar(contentOf(entriesOf({ changedFiles }), 'rootfs-diff.tar'));
    expect(members.map(({ name }) => name)).toEqual(['etc/a', 'etc/mtab', 'srv/', 'srv/data/', 'srv/data/b']);
  });

  it('has a separate list of deleted files, which exists only if there are any', () => {
    const deleted = [{ path: '/etc/motd' }, { path: '/bin/vi' }];
    expect(parsed({ changedFiles: deleted }, 'deleted.files')).toEqual(['/bin/vi', '/etc/motd']);
    expect(names({})).not.toContain('deleted.files');
    expect(names({ changedFiles: deleted }).at(-1)).toBe('deleted.files');
  });
});

describe('bind mounts in bind.mounts', () => {
  it('are directories unless the host has a file there', () => {
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

it('annotations of the runtime take precedence over those of the container, and those over the ones of the pod', () => {
  const annotations = { 'io.container.manager': 'somebody', own: '<&>' };
  expect(parsed({ annotations, podAnnotations: { own: 'no', pods: 'yes' } }, 'spec.dump')).toMatchObject({
    annotations: { 'io.container.manager': 'cri-o', own: '<&>', pods: 'yes' },
  });
});

it('empty values are written as in Go', () => {
  expect(parsed({ annotations: {}, labels: {}, mounts: [], attempt: 0 }, 'spec.dump')).toMatchObject({
    annotations: {
      'io.kubernetes.cri-o.Annotations': 'null',
      'io.kubernetes.cri-o.Volumes': 'null',
      'io.kubernetes.cri-o.Metadata': '{"name":"counter"}',
    },
  });
});

it('all entries have the announced size', () => {
  const [first, ...rest] = crioSnapshot().processes;
  if (!first) throw new Error('no process');
  for (const entry of entriesOf({ processes: [{ ...first, memoryBytes: 5_000_000 }, ...rest] }))
    expect(entryBytes(entry)).toHaveLength(entry.size);
});
