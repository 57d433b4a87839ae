// The first calls of a kubelet are those of the recorded one, with its deadlines, whatever the runtime says to them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { onePodNode } from '../testing/one-pod-node';
import { Fail } from '../testing/scripted-runtime';

interface RecordedCall {
  readonly method: string;
  readonly deadlineSeconds: number;
  readonly request: { readonly version?: string };
}

/** Up to the first pod; what is asked again at once, a kubelet's image manager has asked. */
const RECORDED: RecordedCall[] = readFileSync(path.join(__dirname, '../testdata/start-calls.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

test.each([false, true])('as they were recorded; the runtime knows but Version: %s', async (knowsLittle) => {
  await using node = await onePodNode();
  const refuse = () => {
    throw new Fail(status.UNIMPLEMENTED, 'no');
  };
  if (knowsLittle) node.runtime.on({ ImageFsInfo: refuse, RuntimeConfig: refuse, Status: refuse, ListImages: refuse });
  await using kubelet = await node.start();
  expect(kubelet.pods()).toHaveLength(1);
  const first = node.runtime.calls.slice(0, RECORDED.length);
  expect(first.map(({ method }) => method)).toEqual(RECORDED.map(({ method }) => method));
  for (const [i, { deadlineSeconds, request }] of RECORDED.entries()) {
    expect(Math.ceil((first[i]?.secondsLeft ?? 0) / 10) * 10).toBe(deadlineSeconds);
    if (request.version) expect(first[i]?.request).toMatchObject(request);
  }
});
