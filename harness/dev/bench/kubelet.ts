// Measures the fake kubelet: refusals per second over TLS, time until it is ready, and growth of its memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BenchTarget, sendRequests } from './minimal-client';
import { message, start, stop } from './process';
import type { BenchRow } from './row';

const CLI = path.join(__dirname, '../../cli.js');
const STARTS = 5;
const CONNECTIONS = 32;
const WARM_UP = 10_000;
const REQUESTS = 50_000;
const MEMORY_REQUESTS = 200_000;
const MIB = 1024 * 1024;

/** Returns the number of responses per second. */
async function perSecond(target: BenchTarget, path: string, answer: RegExp, requests: number): Promise<number> {
  const request = Buffer.from(`POST ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  return (requests / (await sendRequests(target, CONNECTIONS, requests, answer, () => request))) * 1000;
}

/** Returns how long the command `kubelet` takes to print its first line, which contains its address, milliseconds. */
async function readyMs(runtimeEndpoint: string, rootDirectory: string): Promise<number> {
  const begin = performance.now();
  const args = ['--port', '0', '--root-dir', rootDirectory, '--container-runtime-endpoint', runtimeEndpoint];
  const child = spawn(process.execPath, [CLI, 'kubelet', ...args, '--output', 'json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    return performance.now() - begin;
  } finally {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
}

/** Returns the median duration of several starts, one after another. */
async function ready(directory: string): Promise<BenchRow> {
  const runtime = start('server');
  try {
    const { endpoint } = await message(runtime);
    const times: number[] = [];
    for (let n = 0; n < STARTS; n += 1) times.push(await readyMs(String(endpoint), path.join(directory, `root-${n}`)));
    const measured = times.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? Number.NaN;
    const what = `kubelet: process start to ready, certificates included, median of ${STARTS}`;
    return { what, measured, unit: 'ms', goal: 500 };
  } finally {
    await stop(runtime);
  }
}

/** Runs the measurements. They take about a minute. */
export async function benchKubelet(): Promise<BenchRow[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ckptest-bench-'));
  const started = await ready(directory);
  const child = start('kubelet-server', path.join(directory, 'root'));
  try {
    const facts = await message(child);
    const [ca = '', cert = '', key = ''] = await Promise.all(
      [facts.certificateAuthority, facts.clientCertificate, facts.clientKey].map((file) =>
        readFile(String(file), 'utf8'),
      ),
    );
    const anybody: BenchTarget = { port: Number(new URL(String(facts.url)).port), ca };
    const admin: BenchTarget = { ...anybody, cert, key };
    const resident = async () => {
      child.send('memory');
      return Number((await message(child)).residentBytes) / MIB;
    };
    const unknown = '/checkpoint/default/bench/nope';
    const noContainer = /^HTTP\/1\.1 404 [\s\S]*container nope does not exist$/;
    const nobody = /^HTTP\/1\.1 401 [\s\S]*Unauthorized$/;
    await perSecond(admin, unknown, noContainer, WARM_UP);
    const refusals = await perSecond(admin, unknown, noContainer, REQUESTS);
    await perSecond(anybody, unknown, nobody, WARM_UP);
    const anonymous = await perSecond(anybody, unknown, nobody, REQUESTS);
    const before = await resident();
    await perSecond(admin, unknown, noContainer, MEMORY_REQUESTS);
    const growth = (await resident()) - before;
    const kept = `${CONNECTIONS} kept connections`;
    return [
      started,
      { what: `unknown container is 404, ${kept}`, measured: refusals, unit: '/s', goal: 10_000, atLeast: true },
      { what: `no credentials is 401, ${kept}`, measured: anonymous, unit: '/s', goal: 10_000, atLeast: true },
      { what: `memory gained over ${MEMORY_REQUESTS} refusals`, measured: growth, unit: 'MiB', goal: 20 },
    ];
  } finally {
    await stop(child);
    await rm(directory, { recursive: true, force: true });
  }
}
