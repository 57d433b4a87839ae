// Measures how long it takes to write a large archive, compared with GNU tar, and to inspect it. Also measures many
// small archives that a kubelet requests.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Archive } from '../../../specs/archive-file/reader';
import { inspectArchive } from '../../inspect/inspect-archive';
import { sendRequests } from './minimal-client';
import { message, start, stop } from './process';
import type { BenchRow } from './row';

const run = promisify(execFile);

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Number of rounds. Both writers take turns, so that a disk that becomes slower affects both. */
const ROUNDS = 2;
/**
 * Number of rounds with small archives. The fastest round counts, because other activity of the disk only makes a round
 * slower.
 */
const SMALL_ROUNDS = 3;
/** Number of pods. By default a kubelet accepts 110 pods, so 1000 containers are in 100 pods of 10. */
const PODS = 100;
const CONTAINERS_PER_POD = 10;
const CONTAINERS = PODS * CONTAINERS_PER_POD;
const CLIENTS = 8;
/** Matches a successful response of a kubelet to a checkpoint request. */
const ONE_ARCHIVE = /^HTTP\/1\.1 200 [\s\S]*\{"items":\["[^"]+"\]\}$/;
/**
 * Number of checkpoints before the measurement. With fewer, the measurement would include the time in which V8 compiles
 * the code.
 */
const WARM_UP = 6_000;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function writeLarge(location: string, memoryBytes: number): Promise<Record<string, number>> {
  const child = start('archive-writer', location, String(memoryBytes));
  const reply = await message(child);
  await stop(child);
  return Object.fromEntries(Object.entries(reply).map(([key, value]) => [key, Number(value)]));
}

/**
 * Writes an archive of a container, and packs the same bytes with GNU tar on the same disk. Both times include a sync.
 * Then inspects the archive.
 *
 * @param directory directory for the files; it needs three times the size of the memory
 * @param memoryBytes memory of the container, bytes
 */
export async function largeArchive(directory: string, memoryBytes = 4 * GIB): Promise<BenchRow[]> {
  const scratch = await mkdtemp(path.join(directory, 'ckptest-bench-archive-'));
  const [archive, packed, unpacked] = ['archive.tar', 'packed.tar', 'unpacked'].map((name) => path.join(scratch, name));
  if (!archive || !packed || !unpacked) return [];
  const ours: Record<string, number>[] = [];
  const theirs: number[] = [];
  try {
    await mkdir(unpacked);
    for (let round = 0; round < ROUNDS; round += 1) {
      await rm(archive, { force: true });
      ours.push(await writeLarge(archive, memoryBytes));
      if (round === 0) await run('tar', ['-xf', archive, '-C', unpacked]);
      await run('sync', []);
      await rm(packed, { force: true });
      theirs.push(await timed(() => run('sh', ['-c', 'tar -cf "$1" -C "$2" . && sync "$1"', 'sh', packed, unpacked])));
    }
    const { size } = await stat(archive);
    const inspected = await Promise.all([inspectArchive(archive)]).then(() => timed(() => inspectArchive(archive)));
    const most = (key: string) => Math.max(...ours.map((one) => one[key] ?? Number.NaN));
    const [ourMs, theirMs] = [mean(ours.map(({ ms = Number.NaN }) => ms)), mean(theirs)];
    const what = `archive of ${(memoryBytes / GIB).toFixed(1)} GiB`;
    return [
      {
        what: `${what}, throughput beside GNU tar`,
        measured: theirMs / ourMs,
        unit: 'times',
        goal: 0.8,
        atLeast: true,
      },
      { what: `${what}, resident meanwhile`, measured: most('residentBytes') / MIB, unit: 'MiB', goal: 200 },
      { what: `${what}, event loop blocked, longest`, measured: most('blockedMs'), unit: 'ms', goal: 50 },
      { what: `${what}, inspected`, measured: size / 1e6 / inspected, unit: 'GB/s', goal: 1, atLeast: true },
    ];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Checkpoints many containers through the endpoint. Only complete archives with different names are counted. */
export async function smallArchives(): Promise<BenchRow[]> {
  // Runtime and kubelet run in two processes, because that is faster than one process.
  const runtime = start('server');
  const { endpoint } = await message(runtime);
  const child = start('archive-node', String(PODS), String(CONTAINERS_PER_POD), String(endpoint));
  const { url, rootDirectory, certificateAuthority, token } = await message(child);
  try {
    const target = {
      port: Number(new URL(String(url)).port),
      ca: await readFile(String(certificateAuthority), 'utf8'),
    };
    const directory = path.join(String(rootDirectory), 'checkpoints');
    const request = (n: number) => {
      const container = `bench-${n % PODS}/main-${Math.floor(n / PODS) % CONTAINERS_PER_POD}`;
      return Buffer.from(
        `POST /checkpoint/default/${container} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      );
    };
    await sendRequests(target, CLIENTS, WARM_UP, ONE_ARCHIVE, request);
    const rounds: { readonly perSecond: number; readonly archives: number }[] = [];
    for (let round = 0; round < SMALL_ROUNDS; round += 1) {
      const before = new Set(await readdir(directory));
      const ms = await sendRequests(target, CLIENTS, CONTAINERS, ONE_ARCHIVE, request);
      const names = (await readdir(directory)).filter((name) => !before.has(name));
      for (const name of names) await Archive.open(path.join(directory, name));
      rounds.push({ perSecond: (names.length / ms) * 1000, archives: names.length });
    }
    return [
      {
        what: `checkpoints through the endpoint, ${CLIENTS} clients, ${CONTAINERS} containers, best of ${SMALL_ROUNDS}`,
        measured: Math.max(...rounds.map(({ perSecond }) => perSecond)),
        unit: '/s',
        goal: 500,
        atLeast: true,
      },
      {
        what: 'whole archives of distinct names that each round left, fewest',
        measured: Math.min(...rounds.map(({ archives }) => archives)),
        unit: '',
        goal: CONTAINERS,
        atLeast: true,
      },
    ];
  } finally {
    await stop(child);
    await stop(runtime);
  }
}
