// Contents of the tmpfs mounts of a container: a gzipped tar for each, as CRIU makes it.
import { gzipped, type SmallMember, tarPieces } from './gzip';
import { HIERARCHIES, TMPFS_DEVICES } from './mounts';
import { Recent } from './recent';

const directory = (name: string, mode = 0o755) => ({ name, type: 'directory', mode }) as const;
const link = (name: string, linkTarget: string) => ({ name, type: 'link', mode: 0o777, linkTarget }) as const;
const device = (name: string, major: number, minor: number) =>
  ({ name, type: 'device', mode: 0o666, device: [major, minor] }) as const;

type Content = Omit<SmallMember, 'mtime'>;

/** By device number: `/dev`, the folder of cgroup hierarchies, and the empty one that masks folders. */
const CONTENTS: readonly (readonly [device: number, members: readonly Content[]])[] = [
  [
    TMPFS_DEVICES.dev,
    [
      directory('./'),
      link('./stderr', '/proc/self/fd/2'),
      link('./stdout', '/proc/self/fd/1'),
      link('./stdin', '/proc/self/fd/0'),
      link('./fd', '/proc/self/fd'),
      link('./ptmx', 'pts/ptmx'),
      device('./urandom', 1, 9),
      device('./zero', 1, 5),
      device('./tty', 5, 0),
      device('./full', 1, 7),
      device('./random', 1, 8),
      device('./null', 1, 3),
      directory('./shm/'),
      { name: './termination-log', type: 'file', mode: 0o644 },
      directory('./mqueue/'),
      directory('./pts/'),
    ],
  ],
  [TMPFS_DEVICES.cgroups, [directory('./'), ...[...HIERARCHIES].reverse().map((name) => directory(`./${name}/`))]],
  [TMPFS_DEVICES.empty, [directory('./', 0o1777)]],
];

type Images = readonly (readonly [name: string, content: Buffer])[];
const recent = new Recent<Images>(16);

/**
 * Image names and contents.
 *
 * @param mtime seconds since the epoch at which the container was made
 */
export function tmpfsImages(mtime: number): Images {
  const tar = (members: readonly Content[]) => Buffer.concat(tarPieces(members.map((one) => ({ ...one, mtime }))));
  return recent.get(String(mtime), () =>
    CONTENTS.map(([device, members]) => [`tmpfs-dev-${device}.tar.gz.img`, gzipped(tar(members))] as const),
  );
}
