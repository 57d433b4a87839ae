// Makes tmpfs-dev-N.tar.gz.img: the contents of each tmpfs mount of a container as a gzipped tar.

import { Recent } from '../../base/recent';
import { unixSeconds } from '../../go/time';
import { type Bind, isFileTarget } from '../binds';
import type { ContainerSnapshot } from '../snapshot';
import { gzipped, type SmallMember, tarPieces } from '../tar/small-tar';
import { HIERARCHIES, masksOf } from './mounts';
import type { Devices, Platform } from './platform';

const directory = (name: string, mode = 0o755) => ({ name, type: 'directory', mode }) as const;
const link = (name: string, linkTarget: string) => ({ name, type: 'link', mode: 0o777, linkTarget }) as const;
const device = (name: string, major: number, minor: number) =>
  ({ name, type: 'device', mode: 0o666, device: [major, minor] }) as const;

const IN_DEV = /^\/dev\/[^/]+$/;

type Content = Omit<SmallMember, 'mtime'>;

/**
 * The entries of `/dev` that the runtime creates last: after `LAST_IN_DEV` and after the destinations of binds. They
 * come first in the image, because a tmpfs lists its latest entry first.
 */
const FIRST_IN_DEV: readonly Content[] = [
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
];
const LAST_IN_DEV: readonly Content[] = [directory('./mqueue/'), directory('./pts/')];
const IN_CGROUPS = [...HIERARCHIES].reverse().map((name) => directory(`./${name}/`));

/** Returns the destinations of binds directly in `/dev`, the latest first. */
function targets(snapshot: ContainerSnapshot, binds: readonly Bind[]): Content[] {
  return binds
    .map(({ destination }) => destination)
    .filter((path) => IN_DEV.test(path))
    .reverse()
    .map((path) => {
      const name = `./${path.slice('/dev/'.length)}`;
      return isFileTarget(snapshot, path) ? { name, type: 'file', mode: 0o644 } : directory(`${name}/`);
    });
}

/** Returns the files that the container created directly in `/dev`. */
function filesInDev({ changedFiles }: ContainerSnapshot): Content[] {
  return changedFiles.flatMap(({ path, content }) =>
    content && IN_DEV.test(path)
      ? [{ name: `./${path.slice('/dev/'.length)}`, type: 'file', mode: 0o644, content }]
      : [],
  );
}

type Images = readonly (readonly [name: string, content: Buffer])[];
const recent = new Recent<Images>(16);

/**
 * Makes the images of `/dev`, of the directory of cgroup hierarchies, and of the empty directory that masks other
 * directories.
 *
 * @returns names and contents of the images
 */
export function tmpfsImages(snapshot: ContainerSnapshot, { name, devices, binds }: Platform): Images {
  const mtime = unixSeconds(snapshot.createdAt);
  const inDev = targets(snapshot, binds(snapshot));
  const created = filesInDev(snapshot);
  const masksDirectories = masksOf(snapshot).some(({ device }) => device === 'empty');
  const key = [name, mtime, masksDirectories, ...inDev.map((one) => one.name)].join('\0');
  const image = (key: keyof Devices, members: readonly Content[]) => {
    const tar = Buffer.concat(tarPieces(members.map((one) => ({ ...one, mtime }))));
    return [`tmpfs-dev-${devices[key]}.tar.gz.img`, gzipped(tar)] as const;
  };
  const make = (): Images => [
    image('dev', [directory('./'), ...created, ...FIRST_IN_DEV, ...inDev, ...LAST_IN_DEV]),
    image('cgroups', [directory('./'), ...IN_CGROUPS]),
    ...(masksDirectories ? [image('empty', [directory('./', 0o1777)])] : []),
  ];
  return created.length > 0 ? make() : recent.get(key, make);
}
