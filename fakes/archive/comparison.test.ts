// A fake archive of the recorded container beside the recorded one: what may differ is named, all else is equal.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { containerdEntries } from './containerd-layout';
import { counterSnapshot } from './testing/counter-snapshot';
import { differences } from './testing/differences';
import { kindOf, readImage } from './testing/read-images';
import { type ReadMember, readTar } from './testing/read-tar';
import { writeArchive } from './writer';

/** By kind of image: paths of leaves that may differ. */
const MAY_DIFFER: Readonly<Record<string, RegExp>> = {
  // The recorded values of one property were never set by CRIU.
  cgroup: /^0\.controllers\.2\.dirs\.0\.properties\.4\.perms\./,
  core: /gpregs|xmm_space|xsave|sigactions|clear_tid_addr|futex_rla:|rseq_abi_pointer|^0\.tc\.flags/,
  files: /pipe_id|mnt_id/,
  inventory: /dump_criu_run_id/,
  mm: /mm_(start_stack|start_brk|brk|arg_start|arg_end|env_start|env_end):|mm_saved_auxv|vmas\.\d+\.(start|end):/,
  mountpoints: /mnt_id:|parent_mnt_id:|\.(root|options|source):/,
  // The old count is filled in here for readers that know no other; CRIU 4.2 leaves it at 0.
  pagemap: /\.(vaddr|(compat_)?nr_pages):/,
  'stats-dump': /_time:|pages_(scanned|written):/,
  timens: /tv_n?sec:/,
};

/** By name of file: paths in its JSON. */
const MAY_DIFFER_IN_JSON: Readonly<Record<string, RegExp>> = {
  'checkpoint/descriptors.json': /^[12]:/,
  'config.dump': /Time:/,
  'spec.dump': /^linux\.namespaces\.\d\.path:/,
  status: /^Pid:/,
  'status.dump': /^log_path:/,
};

let real: ReadMember[];
let fake: ReadMember[];

beforeAll(async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-comparison-'));
  const logPath = path.join(folder, '0.log');
  const location = path.join(folder, 'counter.tar');
  try {
    fs.writeFileSync(logPath, '2026-11-23T11:54:03.009470977Z stdout F 0\n');
    const snapshot = counterSnapshot({ logPath });
    const { signal } = new AbortController();
    await writeArchive({ snapshot, entries: containerdEntries(snapshot), location, signal });
    fake = await readTar(fs.readFileSync(location));
    real = await readTar(fs.readFileSync(path.join(__dirname, 'testdata/containerd-2.1.9-counter.tar')));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

const content = (members: readonly ReadMember[], name: string) =>
  members.find((member) => member.name === name)?.content ?? Buffer.alloc(0);

/** Names are the same with the numbers of processes, which the snapshot shares. */
const names = fs
  .readFileSync(path.join(__dirname, 'testdata/containerd-2.1.9-counter.tar'))
  .toString('latin1')
  .match(/checkpoint\/[\w.-]+\.img(?=\0)/g);

it('has the entries of the recorded archive, in its order, with its modes and times', () => {
  const header = ({ name, type, mode, mtime }: ReadMember) => ({ name, type, mode, mtime });
  expect(fake.map(header)).toEqual(real.map(header));
});

describe('images', () => {
  const images = [...(names ?? []), 'stats-dump'].filter((name) => kindOf(name));
  it('are all compared', () => expect(images).toHaveLength(21));

  it.each(images)('%s has the recorded messages', (name) => {
    const allowed = MAY_DIFFER[kindOf(name) ?? ''];
    const found = differences(readImage(name, content(real, name)), readImage(name, content(fake, name)));
    expect(found.filter((difference) => !allowed?.test(difference))).toEqual([]);
  });
});

describe('JSON', () => {
  it.each(Object.keys(MAY_DIFFER_IN_JSON))('%s is the recorded one', (name) => {
    const parsed = (members: readonly ReadMember[]): unknown => JSON.parse(content(members, name).toString());
    const found = differences(parsed(real), parsed(fake));
    expect(found.filter((difference) => !MAY_DIFFER_IN_JSON[name]?.test(difference))).toEqual([]);
  });

  it('keeps keys in the recorded order, and numbers whole', () => {
    const keys = (members: readonly ReadMember[], name: string) =>
      content(members, name)
        .toString()
        .match(/"\w+":/g);
    for (const name of ['config.dump', 'spec.dump', 'status', 'status.dump'])
      expect(keys(fake, name)).toEqual(keys(real, name));
    expect(content(fake, 'status').toString()).toContain('"CreatedAt":1795434842963587730,');
  });
});

it.each(['rootfs-diff.tar', 'checkpoint/tmpfs-dev-146.tar.gz.img', 'checkpoint/tmpfs-dev-148.tar.gz.img'])(
  '%s holds what the recorded one holds',
  async (name) => {
    const members = async (from: readonly ReadMember[]) =>
      (await readTar(content(from, name))).map(({ mtime: _, ...member }) => member);
    expect(await members(fake)).toEqual(await members(real));
    expect(content(fake, name).readUInt16BE(0)).toBe(0x1f8b);
  },
);

it('has a log of the dump that ends well', () => {
  const last = (members: readonly ReadMember[]) =>
    content(members, 'dump.log').toString().trimEnd().split('\n').pop()?.replace(/^\S+ /, '');
  expect(last(fake)).toBe(last(real));
  expect(content(fake, 'dump.log').toString()).toMatch(/^\(\d\d\.\d{6}\) /);
});
