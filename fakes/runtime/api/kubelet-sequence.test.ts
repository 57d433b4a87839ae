// Tests the responses to the calls that a kubelet 1.36.2 made to containerd, from its start to the removal of its pods.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceError } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import type { CriUnaryMethod } from '../../../proto/load';
import { ManualClock } from '../../base/clock';
import { inRecordedForm } from '../grpc/recorded-form';
import { startRuntimeServer } from '../server';
import { snapshotWriter, testClient, until } from '../testing/test-client';

interface Row {
  readonly i: number;
  /** Milliseconds since the start of the recording. */
  readonly t: number;
  readonly service: 'RuntimeService' | 'ImageService';
  readonly method: CriUnaryMethod;
  readonly request: object;
  readonly response?: object;
  readonly error?: { readonly code: string; readonly message: string };
}

const recording = path.join(__dirname, '../testdata/kubelet-1.36.2-calls.jsonl');
const rows: Row[] = readFileSync(recording, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

/** Grace period of the only container that was stopped separately, milliseconds. */
const GRACE_MS = 2000;

/** Fields that each runtime chooses for itself: names, times, digests, disk usage and its own conditions. */
const RUNTIME_SPECIFIC = new Set([
  ...['created_at', 'started_at', 'finished_at', 'timestamp'],
  ...['image_ref', 'image_id', 'repo_digests', 'size', 'fs_id', 'used_bytes', 'inodes_used'],
  ...['runtime_name', 'runtime_version', 'conditions'],
]);

/** Removes the fields that runtimes choose for themselves, and sorts lists. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([field]) => !RUNTIME_SPECIFIC.has(field));
  return Object.fromEntries(
    fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, comparable(field)]),
  );
}

test('a kubelet gets the responses that it expects', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
  const clock = new ManualClock(0);
  await using runtime = await startRuntimeServer({ clock, archiveWriter: snapshotWriter });
  using client = testClient(runtime.endpoint);
  const renamed = new Map([
    ['/var/log/pods', directory],
    ['/var/lib/kubelet/checkpoints', directory],
  ]);
  const translate = (message: object | undefined) =>
    JSON.parse([...renamed].reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(message)));
  const listed = rows.find(({ method }) => method === 'ListImages')?.response;
  for (const { id, repo_tags } of (await client.call('ListImages', {})).images) {
    const match = new RegExp(`(sha256:[0-9a-f]{64})","repo_tags":\\["${repo_tags[0]}`).exec(JSON.stringify(listed));
    renamed.set(match?.[1] ?? '', id);
  }

  // Number of responses in which the container `boom` has already exited. In the recording it was still running,
  // because a real process needs some milliseconds.
  let early = 0;
  // ExecSync has its own tests, in exec-calls.test.ts.
  for (const { i, t, method, request, response, error } of rows.filter(({ method }) => method !== 'ExecSync')) {
    clock.advance(Math.max(0, t - clock.now()));
    const responsePromise: Promise<object> = client.call(method, translate(request)).then(
      (answer) => inRecordedForm(answer),
      ({ details }: ServiceError) => ({ message: details }),
    );
    if (method === 'StopContainer') {
      await until(() => runtime.calls.at(-1)?.method === method);
      clock.advance(GRACE_MS);
    }
    const got = await responsePromise;
    for (const field of ['pod_sandbox_id', 'container_id']) {
      const [theirs, mine]: unknown[] = [Reflect.get(response ?? {}, field), Reflect.get(got, field)];
      if (typeof theirs === 'string' && typeof mine === 'string') renamed.set(theirs, mine);
    }
    const expected = translate(error ? { message: error.message } : response);
    const answer = JSON.stringify(expected);
    if (answer.includes('CONTAINER_RUNNING') && answer.includes('"name":"boom"') && !answer.includes('"app"')) {
      early += 1;
      continue;
    }
    expect({ i, method, answer: comparable(got) }).toEqual({ i, method, answer: comparable(expected) });
  }
  expect(early).toBe(3);
  rmSync(directory, { recursive: true, force: true });
});
