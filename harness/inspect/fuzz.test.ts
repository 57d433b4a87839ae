// Tests that each of 2,000 damaged archives gives findings or an error of one sentence, and that no archive is changed.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Random, seedOf } from '../../fakes/base/random';
import { UserError } from '../../fakes/base/user-error';
import { inspectArchive } from './inspect-archive';
import { file } from './testing/bench';
import { framed, imageWith } from './testing/images';
import { bytesOf, partsOf, RECORDED, withContent, writePrivate } from './testing/rebuild';
import { xzStored } from './testing/xz';
import { zstdStored } from './testing/zstd';
import { textLines } from './text';

const RUNS = 2_000;
const RUNS_OF_A_FORM = 300;
const BLOCK = 512;
const SECRET = 'hello-from-env';

let directory: string;
let archives: Buffer[];
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-fuzz-'));
  archives = await Promise.all(RECORDED.map(async (name) => bytesOf(await partsOf(name))));
});
afterAll(() => fs.rm(directory, { recursive: true }));

/** Returns the offsets of blocks that begin with a tar header. */
function headers(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK)
    if (bytes.toString('latin1', at + 257, at + 262) === 'ustar') found.push(at);
  return found;
}

/** Corrects the checksum of a header, so that the reader accepts the header. */
function mend(bytes: Buffer, at: number): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (bytes[at + i] ?? 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

type Tamper = (bytes: Buffer, random: Random) => Buffer;

const pick = <T>(list: readonly T[], random: Random): T | undefined => list[random.below(Math.max(1, list.length))];

const TAMPERS: readonly Tamper[] = [
  // Changes random bytes anywhere.
  (bytes, random) => {
    for (let i = random.below(20); i >= 0; i--) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  // Changes bytes of a header and corrects its checksum.
  (bytes, random) => {
    const at = pick(headers(bytes), random) ?? 0;
    for (let i = random.below(4); i >= 0; i--) bytes[at + random.below(BLOCK)] = random.below(256);
    mend(bytes, at);
    return bytes;
  },
  // Changes size, type or link of a header and corrects its checksum.
  (bytes, random) => {
    const at = pick(headers(bytes), random) ?? 0;
    bytes.write(random.next().toString(8).padStart(11, '0'), at + 124, 'latin1');
    bytes.write(pick([...'01234567xgLKS'], random) ?? '0', at + 156, 'latin1');
    mend(bytes, at);
    return bytes;
  },
  // Changes the beginning of a content: magic numbers and message lengths.
  (bytes, random) => {
    const at = (pick(headers(bytes), random) ?? 0) + BLOCK;
    for (let i = random.below(8); i >= 0; i--)
      bytes[Math.min(bytes.length - 1, at + random.below(32))] = random.below(256);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(5000))]);
  },
  (bytes, random) => {
    const at = BLOCK * random.below(bytes.length / BLOCK);
    const piece = bytes.subarray(at, at + BLOCK * random.below(40));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return bytes.fill(random.below(2) * 255, at, Math.min(bytes.length, at + random.below(3000)));
  },
];

interface Outcome {
  withFindings: number;
  refused: number;
}

/**
 * Inspects damaged bytes. Throws an Error if the result is neither an inspection nor a message, or if the file has
 * changed.
 */
async function inspectDamaged(bytes: Buffer, run: number, outcome: Outcome): Promise<void> {
  const file = await writePrivate(directory, bytes);
  try {
    const inspection = await inspectArchive(file);
    const shown = JSON.stringify(inspection) + [...textLines(inspection)].join('\n');
    if (shown.includes(SECRET)) throw new Error(`run ${run} shows the value of a variable`);
    outcome.withFindings += inspection.findings.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw new Error(`run ${run}`, { cause: error });
    outcome.refused += 1;
  }
  if (!(await fs.readFile(file)).equals(bytes)) throw new Error(`run ${run} changed the archive`);
}

function damaged(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let i = random.below(3); i >= 0; i--)
    if (changed.length > BLOCK) changed = pick(TAMPERS, random)?.(changed, random) ?? changed;
  return changed;
}

test('none hangs, crashes, writes or shows a secret', async () => {
  const outcome = { withFindings: 0, refused: 0 };
  for (let run = 0; run < RUNS; run++) {
    const random = new Random(seedOf('fuzz', run));
    const bytes = Buffer.from(pick(archives, random) ?? Buffer.alloc(0));
    await inspectDamaged(damaged(bytes, random), run, outcome);
  }
  expect(await fs.readdir(directory)).toEqual(['archive.tar']);
  expect(outcome.withFindings).toBeGreaterThan(RUNS / 2);
  expect(outcome.refused).toBeGreaterThan(0);
}, 300_000);

/** Other formats that contain an archive. The bytes are damaged before or after they are converted. */
const FORMS: Readonly<Record<string, (archive: Buffer) => Buffer>> = {
  gzip: (archive) => gzipSync(archive, { level: 1 }),
  zstd: zstdStored,
  xz: xzStored,
  image: (archive) => imageWith(archive),
  'compressed image': (archive) => gzipSync(imageWith(gzipSync(archive, { level: 1 })), { level: 1 }),
  pod: (archive) =>
    bytesOf([file('pod-config.json', { content: Buffer.from('{}') }), file('a.tar', { content: archive })]),
};

test.each(Object.keys(FORMS))(
  'also in this format: %s',
  async (form) => {
    const outcome = { withFindings: 0, refused: 0 };
    for (let run = 0; run < RUNS_OF_A_FORM; run++) {
      const random = new Random(seedOf(form, run));
      const bytes = Buffer.from(pick(archives, random) ?? Buffer.alloc(0));
      const make = FORMS[form] ?? ((archive) => archive);
      const made = run % 2 === 0 ? make(damaged(bytes, random)) : damaged(make(bytes), random);
      await inspectDamaged(made, run, outcome);
    }
    expect(outcome.withFindings).toBeGreaterThan(RUNS_OF_A_FORM / 4);
  },
  300_000,
);

test('an archive of a thousand processes with ten thousand members is read', async () => {
  const parts = await partsOf('containerd-2.1.9');
  const pids = Array.from({ length: 1000 }, (_, i) => i + 100);
  const tree = pids.map((pid) => framed('pstree_entry', { pid, ppid: 1, pgid: 1, sid: 1, threads: [pid] }));
  const images = pids.flatMap((pid) =>
    parts
      .filter(({ name }) => /-20\.img$/.test(name))
      .map((part) => ({ ...part, name: part.name.replace('-20.img', `-${pid}.img`) })),
  );
  const others = pids.flatMap((pid) => Array.from({ length: 5 }, (_, i) => file(`other/${pid}-${i}`)));
  const change = withContent('checkpoint/pstree.img', (old) => Buffer.concat([old, ...tree]));
  const bytes = bytesOf([...change(parts), ...images, ...others]);
  const { processes, sizes } = await inspectArchive(await writePrivate(directory, bytes));
  expect(sizes.members).toBeGreaterThan(10_000);
  expect(processes).toHaveLength(1002);
});
