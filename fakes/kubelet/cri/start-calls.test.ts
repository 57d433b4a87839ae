// Tests that the first CRI calls of a kubelet are the recorded calls with the recorded deadlines, whatever the runtime
// responds.
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

/** The recorded calls before the first pod, without the repeated calls of a real kubelet's image manager. */
const RECORDED: RecordedCall[] = readFileSync(path.join(__dirname, '../testdata/start-calls.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

test.each([false, true])(
  'the first calls are as recorded; the runtime implements only Version: %s',
  async (knowsLittle) => {
    await using node = await onePodNode();
    const refuse = () => {
      throw new Fail(status.UNIMPLEMENTED, 'no');
    };
    if (knowsLittle)
      node.runtime.on({ ImageFsInfo: refuse, RuntimeConfig: refuse, Status: refuse, ListImages: refuse });
    await using kubelet = await node.start();
    expect(kubelet.pods()).toHaveLength(1);
    const first = node.runtime.calls.slice(0, RECORDED.length);
    expect(first.map(({ method }) => method)).toEqual(RECORDED.map(({ method }) => method));
    for (const [i, { deadlineSeconds, request }] of RECORDED.entries()) {
      expect(Math.ceil((first[i]?.secondsLeft ?? 0) / 10) * 10).toBe(deadlineSeconds);
      if (request.version) expect(first[i]?.request).toMatchObject(request);
    }
  },
);
