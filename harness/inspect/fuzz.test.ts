// Two thousand damaged archives: each gives findings or one sentence, and none is changed.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Random, seedOf } from '../../fakes/base/random';
import { UserError } from '../../fakes/base/user-error';
import { inspectArchive } from './inspect-archive';
import { bytesOf, partsOf, RECORDED, writePrivate } from './testing/rebuild';
import { textLines } from './text';

const RUNS = 2_000;
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

/** Corrects the checksum of a header, so that the reader does not stop at it. */
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

test('none hangs, crashes, writes or shows a secret', async () => {
  let withFindings = 0;
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = new Random(seedOf('fuzz', run));
    let bytes: Buffer = Buffer.from(pick(archives, random) ?? Buffer.alloc(0));
    for (let i = random.below(3); i >= 0; i--)
      if (bytes.length > BLOCK) bytes = pick(TAMPERS, random)?.(bytes, random) ?? bytes;
    const file = await writePrivate(directory, bytes);
    try {
      const inspection = await inspectArchive(file);
      const shown = JSON.stringify(inspection) + [...textLines(inspection)].join('\n');
      if (shown.includes(SECRET)) throw new Error(`run ${run} shows the value of a variable`);
      withFindings += inspection.findings.length > 0 ? 1 : 0;
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`run ${run}`, { cause: error });
      refused += 1;
    }
    if (!(await fs.readFile(file)).equals(bytes)) throw new Error(`run ${run} changed the archive`);
  }
  expect(await fs.readdir(directory)).toEqual(['archive.tar']);
  expect(withFindings).toBeGreaterThan(RUNS / 2);
  expect(refused).toBeGreaterThan(0);
}, 300_000);
