// Tests which containers of a pod are started, depending on the state of its containers.
import { expect, test } from '@jest/globals';
import { parseManifest } from './manifest';
import { backOff, type ContainerFacts, planPod } from './plan';

const NOW = 1000;
const RUNNING: ContainerFacts = { state: 'running', exitCode: 0, notBefore: 0 };
const exited = (exitCode: number, notBefore = 0): ContainerFacts => ({ state: 'exited', exitCode, notBefore });
const waiting = (notBefore: number): ContainerFacts => ({ state: 'waiting', exitCode: 0, notBefore });

function plan(restartPolicy: string, facts: Record<string, ContainerFacts>, side = false) {
  const restart = side ? ', restartPolicy: Always' : '';
  const text = `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {restartPolicy: ${restartPolicy},
    initContainers: [{name: i1, image: x${restart}}, {name: i2, image: x}], containers: [{name: a, image: x}, {name: b, image: x}]}}`;
  const [pod] = parseManifest('/p', text, { nodeName: 'n', now: 0, source: 'file' });
  if (!pod) throw new Error('no pod');
  const { start, settled } = planPod(pod, new Map(Object.entries(facts)), NOW);
  return { start: start.map(({ name }) => name), settled };
}

const DONE = { i1: exited(0), i2: exited(0) };

test.each<[string, string, Record<string, ContainerFacts>, string[], boolean]>([
  ['the first init container is started first', 'Always', {}, ['i1'], false],
  ['nothing is started while an init container runs', 'Always', { i1: RUNNING }, [], false],
  ['the second init container is started after the first one', 'Always', { i1: exited(0) }, ['i2'], false],
  ['all other containers are started after the init containers', 'Always', DONE, ['a', 'b'], false],
  ['nothing is started if all containers are running', 'Always', { ...DONE, a: RUNNING, b: RUNNING }, [], true],
  ['a failed init container is started again', 'OnFailure', { i1: exited(1) }, ['i1'], false],
  ['a failed init container is not started during its pause', 'OnFailure', { i1: exited(1, NOW + 1) }, [], true],
  ['the policy Never does not restart a failed init container', 'Never', { i1: exited(1) }, [], true],
  ['the policy Always restarts all containers', 'Always', { ...DONE, a: exited(0), b: exited(3) }, ['a', 'b'], false],
  [
    'the policy OnFailure restarts failed containers',
    'OnFailure',
    { ...DONE, a: exited(0), b: exited(3) },
    ['b'],
    false,
  ],
  ['the policy Never restarts no container', 'Never', { ...DONE, a: exited(0), b: exited(3) }, [], true],
  [
    'a container that could not be started is tried again',
    'Never',
    { ...DONE, a: waiting(NOW), b: waiting(NOW + 1) },
    ['a'],
    false,
  ],
])('%s', (_, policy, facts, start, settled) => {
  expect(plan(policy, facts)).toEqual({ start, settled });
});

test('the other containers do not wait for a sidecar to exit', () => {
  expect(plan('Never', {}, true)).toEqual({ start: ['i1', 'i2'], settled: false });
  expect(plan('Never', { i1: RUNNING }, true).start).toEqual(['i2']);
  expect(plan('Never', { i1: exited(1), i2: exited(0) }, true).start).toEqual(['i1', 'a', 'b']);
});

test.each([
  [1, 0],
  [2, 10_000],
  [3, 20_000],
  [20, 300_000],
])('the pause after %d failures is the same as in a kubelet', (failures, pause) => {
  expect(backOff(failures)).toBe(pause);
});
