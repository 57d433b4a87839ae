// Tests that open files and sockets are shown in the form of /proc and ss.
import { expect, test } from '@jest/globals';
import type { CriuInit } from '../../proto/load';
import { inspectionBench } from './testing/bench';
import { framed, imageOf, withImages } from './testing/images';
import { textLines } from './text';

const { inspectParts } = inspectionBench();

const IPV6 = [0xb80d0120, 0, 0];
const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
const opts = {};
const socket = { ino: 7, flags: 0, backlog: 0, fown, opts, src_port: 8080, dst_port: 0 };
const tcp = { ...socket, family: 10, type: 1, proto: 6, src_addr: [...IPV6, 0x17000000] };

/** Returns the lines for the open files of a process with these entries. */
async function linesOf(entries: readonly CriuInit<'file_entry'>[], open = entries): Promise<string[]> {
  const { findings, ...inspection } = await inspectParts(
    withImages({
      'files.img': imageOf('FILES_MAGIC', ...entries.map((entry) => framed('file_entry', entry))),
      ...Object.fromEntries(
        [2, 3].map((id) => [
          `fdinfo-${id}.img`,
          imageOf(
            'FDINFO_MAGIC',
            ...open.map(({ id: file = 0, type = 'UND' }, fd) =>
              framed('fdinfo_entry', { id: file, flags: 0, type, fd }),
            ),
          ),
        ]),
      ),
    }),
  );
  expect(findings).toEqual([]);
  const first = inspection.processes[0];
  return [...textLines({ ...inspection, findings, processes: first ? [first] : [] })]
    .map((line) => line.replace(/^[^\w]+/, ''))
    .filter((line) => /^\d+ [A-Z]+ /.test(line));
}

test('internet sockets have a peer, a protocol and a state', async () => {
  const entries: CriuInit<'file_entry'>[] = [
    {
      type: 'INETSK',
      id: 1,
      isk: { id: 1, ...tcp, state: 1, dst_port: 51234, dst_addr: [...IPV6, 0x99000000] },
    },
    { type: 'INETSK', id: 2, isk: { id: 2, ...tcp, state: 10, src_addr: [0, 0, 0, 0], dst_addr: [0, 0, 0, 0] } },
    {
      type: 'INETSK',
      id: 3,
      isk: { id: 3, ...socket, family: 2, type: 2, proto: 17, state: 7, src_addr: [0x0100007f], dst_addr: [0] },
    },
    {
      type: 'INETSK',
      id: 4,
      isk: { id: 4, ...tcp, state: 8, src_addr: [0, 0, 0xffff0000, 0x0100007f], dst_addr: [0, 0, 0, 0] },
    },
  ];
  expect(await linesOf(entries)).toEqual([
    '0 INETSK [2001:db8::17]:8080 to [2001:db8::99]:51234 TCP ESTABLISHED',
    '1 INETSK [::]:8080 TCP LISTEN',
    '2 INETSK 127.0.0.1:8080 UDP',
    '3 INETSK [::ffff:127.0.0.1]:8080 TCP CLOSE_WAIT',
  ]);
});

test('terminals and named pipes have paths, other files the names in /proc', async () => {
  const reg = (id: number, name: string): CriuInit<'file_entry'> => ({
    type: 'REG',
    id,
    reg: { id, flags: 0, pos: 0, fown, name },
  });
  const entries: CriuInit<'file_entry'>[] = [
    { type: 'TTY', id: 1, tty: { id: 1, tty_info_id: 3, flags: 0, fown, regf_id: 2 } },
    { type: 'FIFO', id: 3, fifo: { id: 3, pipe_id: 9, regf_id: 4 } },
    { type: 'FIFO', id: 5, fifo: { id: 5, pipe_id: 9, regf_id: 99 } },
    { type: 'EVENTFD', id: 6, efd: { id: 6, flags: 0, fown, counter: 0 } },
  ];
  expect(await linesOf([...entries, reg(2, '/dev/pts/0'), reg(4, '/run/pipe')], entries)).toEqual([
    '0 TTY /dev/pts/0',
    '1 FIFO /run/pipe',
    '2 FIFO pipe:[9]',
    '3 EVENTFD anon_inode:[eventfd]',
  ]);
});
