// Tests targets that exit, hang or answer with garbage: the run ends, names the problem, and leaves nothing behind.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { type CriWrapper, onMethod } from '../../fakes/base/cri-call';
import { type RuntimeServer, startRuntimeServer } from '../../fakes/runtime/server';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { type CommandResult, ckptest } from '../testing/command-line';
import { directoryPerTest } from '../testing/temporary-directory';

const MAX_TEST_MS = 120_000;

const directory = directoryPerTest('bad');

const left = () => fs.readdirSync(directory()).filter((name) => name.startsWith('ckptest-'));

const started = (...cri: CriWrapper[]) => startRuntimeServer({ images: [DEFAULT_IMAGE], cri });

/** Runs the suite on a runtime. Calls `onOutput` with all output so far. */
async function runOn(endpoint: string, args: readonly string[], onOutput?: (text: string) => void) {
  const all = ['run', '--runtime-endpoint', endpoint, '--output', 'json', ...args];
  const result: CommandResult = await ckptest(all, undefined, onOutput);
  return { ...result, report: () => JSON.parse(result.out) as Report };
}

test(
  'if the target dies, the remaining specs are skipped and the report contains all specs',
  async () => {
    const out = path.join(directory(), 'out');
    let calls = 0;
    let runtime: RuntimeServer | undefined;
    const mortal = onMethod('RemovePodSandbox', async (call, next) => {
      calls += 1;
      // Close the runtime after the probe and some specs. With this seed none of these specs tests RemovePodSandbox.
      if (calls === 5) void runtime?.close();
      return next(call);
    });
    runtime = await started(mortal);
    const { endpoint } = runtime;
    const args = ['--focus', '^runtime/', '--seed', '1', '--report-dir', out];
    const result = await ckptest(['run', '--runtime-endpoint', endpoint, ...args]);
    expect(result.status).toBe(2);
    const report = JSON.parse(fs.readFileSync(path.join(out, 'results.json'), 'utf8')) as Report;
    const ran = report.results.filter(({ status }) => status !== 'skipped');
    const untried = report.results.filter(({ reason }) => reason?.startsWith('not run: the runtime no longer answers'));
    expect(untried.length).toBeGreaterThan(10);
    expect(new Set(untried.map(({ status }) => status))).toEqual(new Set(['skipped']));
    expect(ran.some(({ status }) => status === 'pass')).toBe(true);
    expect(left()).toEqual([]);
  },
  MAX_TEST_MS,
);

test(
  'if the target hangs on a call, the spec fails and names the call',
  async () => {
    let isBroken = false;
    const never = () => new Promise<never>(() => {});
    await using runtime = await started(
      onMethod('CheckpointContainer', (call, next) => {
        // The probe makes the first checkpoint.
        if (isBroken) return never();
        isBroken = true;
        return next(call);
      }),
    );
    const args = ['--focus', '^runtime/checkpoint-container/writes-to-the-location$', '--timeout', '1'];
    const { status, report } = await runOn(runtime.endpoint, args);
    expect(status).toBe(1);
    const [result] = report().results.filter(({ id }) => id.endsWith('writes-to-the-location'));
    expect(result).toMatchObject({ status: 'fail', violation: { label: 'answer' } });
    expect(result?.violation?.actual).toMatch(/^The target has not answered for 1 s: CheckpointContainer /);
    expect(result?.exchanges?.at(-1)?.came).toBe('(nothing so far)');
    expect(left()).toEqual([]);
  },
  MAX_TEST_MS,
);

test(
  'if the target refuses a removal, the message names what is left',
  async () => {
    const refuse = onMethod('RemoveContainer', () => Promise.reject(new Error('not today')));
    await using runtime = await started(refuse);
    const { status, err } = await runOn(runtime.endpoint, ['--focus', '^runtime/lifecycle/created-started-stopped$']);
    expect(status).toBe(2);
    expect(err).toMatch(/not everything could be removed: RemoveContainer [0-9a-f]+: .*not today/);
    expect(left()).toEqual([]);
  },
  MAX_TEST_MS,
);

test.each<[string, (socket: net.Socket) => void]>([
  ['garbage', (socket) => socket.end('SSH-2.0-OpenSSH_9.7\r\n')],
  ['the end of the connection', (socket) => socket.destroy()],
  ['another kind of HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
])(
  'a socket that answers with %s is not a runtime',
  async (_, answer) => {
    const file = path.join(directory(), 'runtime.sock');
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      answer(socket);
    });
    await new Promise<void>((resolve) => server.listen(file, resolve));
    try {
      const { status, err } = await runOn(`unix://${file}`, []);
      expect(status).toBe(2);
      expect(err).toMatch(/^ckptest: --runtime-endpoint unix:\S+: no CRI runtime answers there \(\w+: .*\); .*\n$/);
      expect(left()).toEqual([]);
    } finally {
      server.close();
    }
  },
  MAX_TEST_MS,
);
