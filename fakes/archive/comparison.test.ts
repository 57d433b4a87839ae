// Tests that the fakes' archives of the recorded containers equal the recorded archives, except for listed differences.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { containerdEntries } from './containerd/containerd-layout';
import { crioEntries } from './crio/crio-layout';
import { counterSnapshot } from './testing/counter-snapshot';
import { crioSnapshot } from './testing/crio-snapshot';
import { leafDifferences } from './testing/differences';
import { imageKind, imageMessages } from './testing/read-images';
import { type ReadMember, readTar } from './testing/read-tar';
import { writeArchive } from './writing/writer';

/** Matches the paths of values that may differ, by kind of image. */
const MAY_DIFFER: Readonly<Record<string, RegExp>> = {
  // CRIU leaves the permissions of this property uninitialized, so the recorded values are arbitrary.
  cgroup: /^0\.controllers\.2\.dirs\.0\.properties\.4\.perms\./,
  core: /gpregs|xmm_space|xsave|sigactions|clear_tid_addr|futex_rla:|rseq_abi_pointer|^0\.tc\.flags/,
  files: /pipe_id|mnt_id/,
  inventory: /dump_criu_run_id/,
  mm: /mm_(start_stack|start_brk|brk|arg_start|arg_end|env_start|env_end):|mm_saved_auxv|vmas\.\d+\.(start|end):/,
  mountpoints: /mnt_id:|parent_mnt_id:|\.(root|options|source):/,
  // The fakes set the old field for the number of pages, because older readers need it. CRIU 4.2 sets it to 0.
  pagemap: /\.(vaddr|(compat_)?nr_pages):/,
  'stats-dump': /_time:|pages_(scanned|written):/,
  timens: /tv_n?sec:/,
};

interface Layout {
  readonly entries: typeof containerdEntries;
  readonly snapshot: typeof counterSnapshot;
  readonly images: number;
  /** Matches the paths of values that may differ, by name of JSON file. */
  readonly json: Readonly<Record<string, RegExp>>;
  readonly tars: readonly string[];
}

/** Random ids of the runtime, and values that contain them. */
const CRIO_IDS = /^root\.path:|namespaces\.\d\.path:|cri-o\.(Created|LogPath|MountPoint):/;

const LAYOUTS: Readonly<Record<string, Layout>> = {
  'containerd-2.1.9': {
    entries: containerdEntries,
    snapshot: counterSnapshot,
    images: 21,
    json: {
      'checkpoint/descriptors.json': /^[12]:/,
      'config.dump': /Time:/,
      'spec.dump': /^linux\.namespaces\.\d\.path:/,
      status: /^Pid:/,
      'status.dump': /^log_path:/,
    },
    tars: ['rootfs-diff.tar', 'checkpoint/tmpfs-dev-146.tar.gz.img', 'checkpoint/tmpfs-dev-148.tar.gz.img'],
  },
  'cri-o-1.37': {
    entries: crioEntries,
    snapshot: crioSnapshot,
    images: 22,
    json: {
      'checkpoint/descriptors.json': /^[12]:/,
      'config.dump': /Time:/,
      'spec.dump': CRIO_IDS,
      'bind.mounts': /^$/,
    },
    tars: ['rootfs-diff.tar', 'checkpoint/tmpfs-dev-248.tar.gz.img', 'checkpoint/tmpfs-dev-250.tar.gz.img'],
  },
};

const recorded = (name: string) => path.join(__dirname, `testdata/${name}-counter.tar`);

const content = (members: readonly ReadMember[], name: string) =>
  members.find((member) => member.name === name)?.content ?? Buffer.alloc(0);

/** The names contain process ids, which are the same in the snapshot. */
const imageNames = (name: string) => [
  ...(fs
    .readFileSync(recorded(name))
    .toString('latin1')
    .match(/checkpoint\/[\w.-]+\.img(?=\0)/g) ?? []),
  'stats-dump',
];

describe.each(Object.entries(LAYOUTS))('in the layout of %s,', (runtime, layout) => {
  let real: ReadMember[];
  let fake: ReadMember[];

  beforeAll(async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-comparison-'));
    const logPath = path.join(directory, '0.log');
    const location = path.join(directory, 'counter.tar');
    try {
      fs.writeFileSync(logPath, '2026-11-23T11:54:03.009470977Z stdout F 0\n');
      const snapshot = layout.snapshot({ logPath });
      const { signal } = new AbortController();
      await writeArchive({ snapshot, entries: layout.entries(snapshot), location, signal });
      fake = await readTar(fs.readFileSync(location));
      real = await readTar(fs.readFileSync(recorded(runtime)));
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });

  it('the archive has the same entries in the same order, with the same modes and times', () => {
    const header = ({ name, type, mode, mtime }: ReadMember) => ({ name, type, mode, mtime });
    expect(fake.map(header)).toEqual(real.map(header));
  });

  describe('the images', () => {
    const images = imageNames(runtime).filter((name) => imageKind(name));
    it('include every recorded image', () => expect(images).toHaveLength(layout.images));

    it.each(images)('the image %s has the same messages', (name) => {
      const allowed = MAY_DIFFER[imageKind(name) ?? ''];
      const found = leafDifferences(imageMessages(name, content(real, name)), imageMessages(name, content(fake, name)));
      expect(found.filter((difference) => !allowed?.test(difference))).toEqual([]);
    });
  });

  describe('the JSON files', () => {
    it.each(Object.keys(layout.json))('have the same values: %s', (name) => {
      const parsed = (members: readonly ReadMember[]): unknown => JSON.parse(content(members, name).toString());
      const found = leafDifferences(parsed(real), parsed(fake));
      expect(found.filter((difference) => !layout.json[name]?.test(difference))).toEqual([]);
    });

    it('have the same order of keys and the same white space, and no number is rounded', () => {
      const shape = (members: readonly ReadMember[], name: string) =>
        content(members, name)
          .toString()
          .match(/\s*"[\w./-]+":\s*|[\]},]\s*/g);
      for (const name of Object.keys(layout.json)) expect(shape(fake, name)).toEqual(shape(real, name));
      if (runtime.startsWith('containerd'))
        expect(content(fake, 'status').toString()).toContain('"CreatedAt":1795434842963587730,');
    });
  });

  it.each(layout.tars)('the inner archive %s has the same members and the same compression', async (name) => {
    const members = async (from: readonly ReadMember[]) =>
      (await readTar(content(from, name))).map(({ mtime: _, ...member }) => member);
    expect(await members(fake)).toEqual(await members(real));
    expect(content(fake, name).readUInt16BE(0)).toBe(content(real, name).readUInt16BE(0));
  });

  it('the archive has a log of a successful dump', () => {
    const last = (members: readonly ReadMember[]) =>
      content(members, 'dump.log').toString().trimEnd().split('\n').pop()?.replace(/^\S+ /, '');
    expect(last(fake)).toBe(last(real));
    expect(content(fake, 'dump.log').toString()).toMatch(/^\(\d\d\.\d{6}\) /);
  });
});
