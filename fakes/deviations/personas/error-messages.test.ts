// Tests error messages that no recording contains: other calls, ids and states.
import { afterEach, expect, jest, test } from '@jest/globals';
import type { CriUnaryMethod } from '../../../proto/load';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { type TestClient, testClient } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import * as containerdTables from './containerd-error-messages';
import * as criOTables from './cri-o-error-messages';
import { type ErrorMessage, ID_FAULTS } from './error-messages';
import { persona } from './personas';

/**
 * Patterns of rows that are tested elsewhere: the patterns about ids in this file, and one in
 * restored-containers.test.ts.
 */
const TRIED_ELSEWHERE = [...Object.values(ID_FAULTS).map(({ says }) => says), /^no command specified/].map(String);

/** The patterns of the rows that no recording and no other test covers. */
const patterns = [containerdTables, criOTables]
  .flatMap((tables): (readonly ErrorMessage[])[] => Object.values(tables))
  .flat()
  .flatMap(({ says, source }) => (says && source !== 'measured' && !TRIED_ELSEWHERE.includes(String(says)) ? says : []))
  .map((says) => ({ says, exec: jest.spyOn(says, 'exec') }));

let runtime: RuntimeServer;
let client: TestClient;
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

/** Returns ids that differ only in their last digit, so that sandboxes and containers share prefixes. */
function idsThatStartAlike() {
  let count = 0;
  return { next: () => `${'a'.repeat(63)}${(count++).toString(16)}` };
}

async function start(name: string): Promise<void> {
  const effects = persona(name).effects(() => runtime.control);
  runtime = await startRuntimeServer(applyToRuntime({ ids: idsThatStartAlike() }, effects));
  client = testClient(runtime.endpoint);
}

/** The state of a container. `unready`: the container was created, and then its sandbox was stopped. */
type State = 'created' | 'running' | 'exited' | 'unready';

async function container(state: State): Promise<{ id: string; sandbox: string }> {
  const sandbox = await client.pod();
  const id =
    state === 'created' || state === 'unready' ? await client.created(sandbox) : await client.container(sandbox);
  if (state === 'exited') await client.call('StopContainer', { container_id: id, timeout: 0 });
  if (state === 'unready') await client.call('StopPodSandbox', { pod_sandbox_id: sandbox });
  return { id, sandbox };
}

/** Makes a call that must fail, with an id in the method's id field and valid values in all other fields. */
const failure = (method: CriUnaryMethod, id: string) =>
  client.failure(method, {
    container_id: id,
    pod_sandbox_id: id,
    cmd: ['/bin/true'],
    location: '/tmp/never.tar',
    config: { metadata: { name: 'other' }, image: { image: 'docker.io/library/busybox:latest' } },
  });

const FIND = 'an error occurred when try to find';
const PREFIX = "prefix can't be empty";
const SEVERAL = 'multiple IDs found with provided prefix: aa';
const NO_CONTAINER = 'container with ID starting with none not found: ID does not exist';
const NO_POD = 'PodSandbox with ID starting with none not found: ID does not exist';
const STATUS = `an error occurred when trying to find container the container status "aa": ${FIND} container "aa"`;

test.each<[persona: string, method: CriUnaryMethod, id: string, says: string]>([
  ['reference', 'CheckpointContainer', 'aa', '3 INVALID_ARGUMENT: container id "aa" is ambiguous: 2 ids start with it'],
  ['containerd-2.1', 'CheckpointContainer', 'aa', `2 UNKNOWN: ${STATUS}: ${SEVERAL}`],
  ['containerd-2.1', 'StopContainer', 'aa', `2 UNKNOWN: ${FIND} container "aa": ${SEVERAL}`],
  [
    'containerd-2.1',
    'ExecSync',
    '',
    `2 UNKNOWN: failed to exec in container: failed to find container "" in store: ${PREFIX}`,
  ],
  ['containerd-2.1', 'ContainerStats', '', `2 UNKNOWN: failed to find container: ${PREFIX}`],
  ['containerd-2.1', 'UpdateContainerResources', 'none', '5 NOT_FOUND: failed to find container: not found'],
  ['containerd-2.1', 'PodSandboxStatus', '', `2 UNKNOWN: ${FIND} sandbox: ${PREFIX}`],
  ['containerd-2.1', 'RemovePodSandbox', '', `2 UNKNOWN: ${FIND} sandbox "": ${PREFIX}`],
  [
    'containerd-2.1',
    'PodSandboxStats',
    'none',
    '5 NOT_FOUND: an error occurred when trying to find sandbox none: not found',
  ],
  ['containerd-2.1', 'CreateContainer', '', `2 UNKNOWN: failed to find sandbox id "": ${PREFIX}`],
  ['containerd-2.1', 'RunPodSandbox', '', '2 UNKNOWN: sandbox config must include metadata with a namespace'],
  [
    'cri-o-1.37',
    'CheckpointContainer',
    'aa',
    `5 NOT_FOUND: could not find container "aa": container with ID starting with aa not found: ${SEVERAL}`,
  ],
  ['cri-o-1.37', 'RemoveContainer', '', '5 NOT_FOUND: could not find container "": container ID should not be empty'],
  ['cri-o-1.37', 'ContainerStats', '', '2 UNKNOWN: container ID should not be empty'],
  ['cri-o-1.37', 'UpdateContainerResources', 'none', `2 UNKNOWN: ${NO_CONTAINER}`],
  ['cri-o-1.37', 'PodSandboxStatus', '', '5 NOT_FOUND: could not find pod "": PodSandboxId should not be empty'],
  ['cri-o-1.37', 'StopPodSandbox', '', '2 UNKNOWN: PodSandboxId should not be empty'],
  ['cri-o-1.37', 'PodSandboxStats', 'none', `2 UNKNOWN: ${NO_POD}`],
  ['cri-o-1.37', 'CreateContainer', '', '2 UNKNOWN: PodSandboxId should not be empty'],
  ['cri-o-1.37', 'RunPodSandbox', '', '2 UNKNOWN: sandbox config must include metadata with a namespace'],
])('%s has its own message for %s with the id %j', async (name, method, id, says) => {
  await start(name);
  const sandbox = await client.pod();
  await client.created(sandbox, { metadata: { name: 'one' } });
  await client.created(sandbox, { metadata: { name: 'two' } });
  expect(await failure(method, id)).toBe(says);
});

test.each<[persona: string, method: CriUnaryMethod, state: State, says: string]>([
  ['reference', 'ReopenContainerLog', 'exited', '9 FAILED_PRECONDITION: container "ID" is not running'],
  [
    'reference',
    'UpdateContainerResources',
    'exited',
    '9 FAILED_PRECONDITION: container "ID" is in CONTAINER_EXITED state',
  ],
  ['containerd-2.1', 'UpdateContainerResources', 'exited', 'OK'],
  ['containerd-2.1', 'ContainerStats', 'created', '2 UNKNOWN: unexpected metrics response: []'],
  ['containerd-2.1', 'ContainerStats', 'exited', '2 UNKNOWN: unexpected metrics response: []'],
  ['containerd-2.1', 'ContainerStats', 'running', 'OK'],
  ['containerd-1.6', 'ContainerStats', 'exited', '2 UNKNOWN: unexpected metrics response: []'],
  ['containerd-2.1', 'ReopenContainerLog', 'exited', '2 UNKNOWN: container is not running'],
  ['containerd-2.1', 'StartContainer', 'unready', '2 UNKNOWN: sandbox container "POD" is not running'],
  [
    'containerd-2.1',
    'ExecSync',
    'created',
    '2 UNKNOWN: failed to exec in container: container is in CONTAINER_CREATED state',
  ],
  ['cri-o-1.37', 'ReopenContainerLog', 'exited', '2 UNKNOWN: container is not running'],
  [
    'cri-o-1.37',
    'UpdateContainerResources',
    'exited',
    '2 UNKNOWN: container ID is not running or created state: stopped',
  ],
  [
    'cri-o-1.37',
    'ExecSync',
    'exited',
    '5 NOT_FOUND: container is not created or running: checking if PID of ID is running failed: container process not found',
  ],
])('%s has its own message for %s of a container that is %s', async (name, method, state, says) => {
  await start(name);
  const { id, sandbox } = await container(state);
  expect((await failure(method, id)).replaceAll(id, 'ID').replaceAll(sandbox, 'POD')).toBe(says);
});

test('containerd-2.1 refuses the stats of a stopped sandbox', async () => {
  await start('containerd-2.1');
  const { sandbox } = await container('unready');
  expect(await failure('PodSandboxStats', sandbox)).toBe(
    `14 UNAVAILABLE: failed to decode pod sandbox metrics ${sandbox}: failed to get pod sandbox stats since sandbox container "${sandbox}" is not in ready state: unavailable`,
  );
});

test('cri-dockerd does not have a call of a later API version', async () => {
  await start('cri-dockerd');
  expect(await failure('UpdatePodSandboxResources', 'none')).toBe(
    '12 UNIMPLEMENTED: unknown method UpdatePodSandboxResources for service runtime.v1.RuntimeService',
  );
});

test.each([
  [
    'containerd-1.6',
    '5 NOT_FOUND: failed to get sandbox container task: no running task found: task ID not found: not found',
  ],
  ['cri-o-1.37', '2 UNKNOWN: CreateContainer failed as the sandbox was stopped: ID'],
])('%s refuses CreateContainer in a stopped sandbox', async (persona, expected) => {
  await start(persona);
  const { sandbox } = await container('unready');
  expect(await failure('CreateContainer', sandbox)).toBe(expected.replace('ID', sandbox));
});

test('cri-o-1.37 refuses a path as the image of a container', async () => {
  await start('cri-o-1.37');
  const config = { metadata: { name: 'other' }, image: { image: '/none.tar' } };
  expect(await client.failure('CreateContainer', { pod_sandbox_id: await client.pod(), config })).toBe(
    '2 UNKNOWN: cannot parse input: "/none.tar": invalid reference format',
  );
});

test('containerd-2.1 ends a command after its timeout', async () => {
  await start('containerd-2.1');
  const { id } = await container('running');
  expect(await client.failure('ExecSync', { container_id: id, cmd: ['/bin/sleep', '9'], timeout: 1 })).toBe(
    '4 DEADLINE_EXCEEDED: failed to exec in container: timeout 1s exceeded: context deadline exceeded',
  );
});

test('the fake has an error for each row whose error was not measured', async () => {
  await start('reference');
  const isReached = ({ exec }: (typeof patterns)[number]) => exec.mock.results.some(({ value }) => value !== null);
  expect(patterns.length).toBeGreaterThan(3);
  expect(patterns.filter((one) => !isReached(one)).map(({ says }) => String(says))).toEqual([]);
});
