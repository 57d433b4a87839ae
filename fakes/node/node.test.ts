// Tests that a node whose clock never advances shuts down without waiting.
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ManualClock } from '../base/clock';
import { startFakeNode } from './node';

const pod = (script: string, more = '') => `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: main, image: busybox, command: [/bin/sh, -c, ${JSON.stringify(script)}]${more}}
`;
const STUBBORN = pod("trap '' TERM; sleep 1000");
const HOOKED = pod('sleep 1000', ', lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}');

test.each([
  ['is running', pod('i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'), undefined],
  ['ignores TERM', STUBBORN, undefined],
  ['is being removed and ignores TERM', STUBBORN, 'StopContainer'],
  ['is being removed and runs its preStop hook', HOOKED, 'ExecSync'],
] as const)('a node can be closed while its pod %s', async (_, manifest, during) => {
  const node = await startFakeNode({ pods: [manifest], runtime: { clock: new ManualClock() } });
  const removed = during && node.removePod('shop', 'web');
  while (during && !node.calls().some(({ method, endedAt }) => method === during && endedAt === undefined)) {
    await setImmediate();
  }
  await node.close();
  if (during) expect(await removed).toBe(true);
  expect(existsSync(node.kubelet.rootDirectory)).toBe(false);
  expect(existsSync(node.runtime.stateDirectory)).toBe(false);
});
