// Tests that unix sockets in the images equal the sockets that CRIU 4.2.1 wrote for a runc container with the same
// sockets: a server and its client, two servers without clients, and a pair.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CriuMessage } from '../../../proto/load';
import { containerdEntries } from '../containerd/containerd-layout';
import type { SnapshotProcess, SnapshotUnixSocket } from '../snapshot';
import { contentOf, counterSnapshot, SHELL } from '../testing/counter-snapshot';
import { messages } from '../testing/read-images';

const recorded = (name: string) =>
  fs.readFileSync(path.join(__dirname, '../testdata/criu-4.2.1-unix-sockets', `${name}.img`));

const listening = (fd: number, number: number, at: string): SnapshotUnixSocket => ({
  fd,
  number,
  path: at,
  backlog: 5,
});
const connected = (fd: number, number: number, peer: number, at = ''): SnapshotUnixSocket => ({
  fd,
  number,
  path: at,
  peer,
});

/** The recorded container. */
const SERVER: SnapshotProcess = {
  ...SHELL,
  unixSockets: [
    listening(3, 1, '/run/app.sock'),
    connected(4, 3, 2, '/run/app.sock'),
    listening(5, 4, '/dev/in-tmpfs.sock'),
    listening(6, 5, '/tmp/other.sock'),
    connected(7, 6, 7),
    connected(8, 7, 6),
  ],
};
const CLIENT: SnapshotProcess = { ...SHELL, pid: 7, parentPid: 1, unixSockets: [connected(3, 2, 3)] };

const entries = containerdEntries(counterSnapshot({ processes: [SERVER, CLIENT], changedFiles: [] }));
const written = (name: string) => contentOf(entries, `checkpoint/${name}.img`);
const sockets = (files: Buffer) => messages('file_entry', files).flatMap(({ usk }) => (usk ? [usk] : []));

/**
 * Replaces inodes with their ranks, and removes ids and mounts. All these values depend on the rest of the container.
 */
function comparable(all: readonly CriuMessage<'unix_sk_entry'>[]) {
  const inodes = all.map(({ ino = 0 }) => ino).sort((a, b) => a - b);
  return all.map(({ id, ino = 0, peer = 0, mnt_id, ...rest }) => ({
    ...rest,
    ino: inodes.indexOf(ino),
    peer: inodes.indexOf(peer),
    hasMount: mnt_id !== undefined && mnt_id !== -1,
    hasId: id !== undefined,
  }));
}

test('the sockets and their order are the same as in the recorded images', () => {
  const own = comparable(sockets(written('files')));
  expect(own).toHaveLength(7);
  expect(own).toEqual(comparable(sockets(recorded('files'))));
});

describe('file descriptors', () => {
  test.each(['fdinfo-2', 'fdinfo-3'])('of %s refer to the same sockets as in the recorded images', (image) => {
    const socketsOf = (descriptors: Buffer, files: Buffer) => {
      const all = sockets(files);
      return messages('fdinfo_entry', descriptors)
        .filter(({ type }) => type === 'UNIXSK')
        .map(({ fd, id }) => [fd, all.findIndex((socket) => socket.id === id)]);
    };
    const own = socketsOf(written(image), written('files'));
    expect(own).toEqual(socketsOf(recorded(image), recorded('files')));
    expect(own.flat()).not.toContain(-1);
  });
});

test('a socket that two processes share is listed once', () => {
  const processes = [SERVER, { ...SERVER, pid: 9, parentPid: 1 }];
  const both = containerdEntries(counterSnapshot({ processes }));
  expect(sockets(contentOf(both, 'checkpoint/files.img'))).toHaveLength(6);
});

test('a socket has the id of the mount that contains its file', () => {
  const mounts = new Map(
    messages('mnt_entry', written('mountpoints-11')).map(({ mountpoint, mnt_id }) => [mountpoint, mnt_id]),
  );
  const mountOf = (name: string) => sockets(written('files')).find((one) => String(one.name) === `${name}\0`)?.mnt_id;
  expect(mountOf('/dev/in-tmpfs.sock')).toBe(mounts.get('/dev'));
  expect(mountOf('/run/app.sock')).toBe(mounts.get('/'));
});

test('empty queues are not written, as in CRIU', () => {
  expect(entries.map(({ name }) => name)).not.toContain('checkpoint/sk-queues.img');
});
