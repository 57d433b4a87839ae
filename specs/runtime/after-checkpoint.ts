// Rules about a container after a checkpoint: clients must not see any change.
import path from 'node:path';
import type { CriResponse } from '../../proto/load';
import { criApi, harm, sentence } from '../catalogue/sources';
import { expectProgress, grantedCheckpoint } from '../steps/checkpoint';
import { expectEqual, expectOk, expectThat, show, Unsupported, Violation } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime, Subject, TestContainer } from '../subject/subject';

/** Checkpoints a container. */
async function checkpoint({ runtime }: Subject, container: TestContainer): Promise<void> {
  const location = path.join(await runtime.directory(), 'seen.tar');
  await grantedCheckpoint(runtime, container, location);
}

/** Returns a value as JSON with sorted keys, so that equal values have equal texts. */
const inOrder = (value: unknown) =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** Describes the fields in which two objects differ, with both values. */
function differences(before: object, after: object): string {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .map((field) => [field, Reflect.get(before, field), Reflect.get(after, field)] as const)
    .filter(([, one, other]) => inOrder(one) !== inOrder(other))
    .map(([field, one, other]) => `${field} was ${show(one)} and is now ${show(other)}`)
    .join('; ');
}

type Containers = CriResponse<'ListContainers'>['containers'];

/** Describes how two lists of containers differ. */
function listDifferences(before: Containers, after: Containers): string {
  const gone = before.filter(({ id }) => after.every((other) => other.id !== id));
  const added = after.filter(({ id }) => before.every((other) => other.id !== id));
  const changed = before.flatMap((one) => {
    const other = after.find(({ id }) => id === one.id);
    const changes = other ? differences(one, other) : '';
    return changes === '' ? [] : [`of container ${one.id} the ${changes}`];
  });
  return [
    ...gone.map(({ id }) => `container ${id} is no longer listed`),
    ...added.map(({ id }) => `container ${id} is listed, which was not there before`),
    ...changed,
  ].join('; ');
}

async function containerStatus(runtime: Runtime, { id }: TestContainer): Promise<object> {
  const outcome = await runtime.call('ContainerStatus', { container_id: id });
  expectOk('ContainerStatus', outcome);
  return outcome.response.status ?? {};
}

async function sandboxStatus(runtime: Runtime, { sandboxId }: TestContainer): Promise<object> {
  const outcome = await runtime.call('PodSandboxStatus', { pod_sandbox_id: sandboxId });
  expectOk('PodSandboxStatus', outcome);
  return outcome.response.status ?? {};
}

async function listed(runtime: Runtime, { sandboxId }: TestContainer): Promise<CriResponse<'ListContainers'>> {
  const outcome = await runtime.call('ListContainers', { filter: { pod_sandbox_id: sandboxId } });
  expectOk('ListContainers', outcome);
  return outcome.response;
}

async function imageNames(runtime: Runtime): Promise<readonly string[]> {
  const outcome = await runtime.call('ListImages', {});
  expectOk('ListImages', outcome);
  return outcome.response.images.flatMap(({ id, repo_tags, repo_digests }) => [id, ...repo_tags, ...repo_digests]);
}

const STATUS_CALLS = ['CheckpointContainer ', 'Status '];

const MARKED = {
  labels: { 'ckptest/label': 'is kept' },
  annotations: { 'ckptest/annotation': 'is kept' },
};

export const afterCheckpointSpecs = group(
  'runtime/after-checkpoint',
  { level: 'contract', needs: ['runtime', 'checkpoint'] },
  [
    {
      id: 'status-is-as-before',
      title: "A checkpoint does not change the container's status",
      source: criApi('ContainerStatus'),
      mutants: {
        'runtime-checkpoint-adds-a-label': 'status',
        'runtime-checkpoint-resets-the-start': 'status',
        'runtime-stops-container': 'status',
      },
      async check(subject) {
        const container = await subject.runtime.started(MARKED);
        const before = await containerStatus(subject.runtime, container);
        await checkpoint(subject, container);
        const changed = differences(before, await containerStatus(subject.runtime, container));
        const actual = `The checkpoint changed the status of the container: ${changed}`;
        expectThat('status', changed === '', 'the same status as before', actual, STATUS_CALLS);
      },
    },
    {
      id: 'sandbox-is-as-before',
      title: "A checkpoint does not change the sandbox's status",
      source: criApi('PodSandboxStatus'),
      mutants: { 'runtime-checkpoint-stops-the-sandbox': 'status' },
      async check(subject) {
        const container = await subject.runtime.started();
        const before = await sandboxStatus(subject.runtime, container);
        await checkpoint(subject, container);
        const changed = differences(before, await sandboxStatus(subject.runtime, container));
        const actual = `The checkpoint changed the status of the sandbox: ${changed}`;
        expectThat('status', changed === '', 'the same status as before', actual, STATUS_CALLS);
      },
    },
    {
      id: 'list-is-as-before',
      title: 'A checkpoint does not change the list of containers',
      source: criApi('ListContainers'),
      mutants: {
        'runtime-checkpoint-lists-a-copy': 'list',
        'runtime-checkpoint-adds-a-label': 'list',
        'runtime-stops-container': 'list',
      },
      async check(subject) {
        const container = await subject.runtime.started(MARKED);
        const before = await listed(subject.runtime, container);
        await checkpoint(subject, container);
        const after = await listed(subject.runtime, container);
        const isSame = inOrder(after) === inOrder(before);
        const what =
          listDifferences(before.containers, after.containers) ||
          'the same containers are in another order or listed twice';
        const actual = `The checkpoint changed the list of containers: ${what}`;
        expectThat('list', isSame, 'the same list as before', actual, ['CheckpointContainer ', 'ListContainers ']);
      },
    },
    {
      id: 'no-image-is-left',
      title: 'A checkpoint leaves no image behind',
      level: 'hardening',
      source: harm('leaked'),
      mutants: { 'runtime-leaves-checkpoint-image': 'images' },
      async check(subject) {
        const container = await subject.runtime.started();
        await checkpoint(subject, container);
        const left = (await imageNames(subject.runtime)).filter((name) => name.includes(container.id));
        const actual = `The checkpoint left an image behind: ${left.join(', ')}`;
        expectThat('images', left.length === 0, 'no image that names the container', actual);
      },
    },
    {
      id: 'no-event-is-told',
      title: 'A checkpoint sends no container event, because a kubelet would interpret the event as a change of state',
      source: criApi('GetContainerEvents'),
      mutants: { 'runtime-checkpoint-tells-a-start': 'events', 'runtime-stops-container': 'events' },
      async check(subject) {
        const { runtime, until } = subject;
        await runtime.whileListening(async (seen) => {
          const typesOf = ({ id }: TestContainer) =>
            seen()
              .filter(({ container_id }) => container_id === id)
              .map(({ container_event_type }) => container_event_type);
          const startIsTold = (container: TestContainer) =>
            until(
              'started-event',
              async () => typesOf(container),
              (types) => types.includes('CONTAINER_STARTED_EVENT'),
              {
                expected: 'the event CONTAINER_STARTED_EVENT',
                actual: (types, seconds) =>
                  `${seconds} s after a container was started the runtime has sent these events about it: ${types.join(', ') || 'none'}`,
                about: ['StartContainer '],
              },
            );
          const container = await runtime.started();
          await startIsTold(container).catch((error: unknown) => {
            if (!(error instanceof Violation)) throw error;
            throw new Unsupported('the runtime sends no event when a container starts', 'not-offered');
          });
          const before = typesOf(container);
          await checkpoint(subject, container);
          // Events are sent in order. An event of the checkpoint would therefore arrive before the start event of a
          // container that is started later.
          await startIsTold(await runtime.started());
          const sent = typesOf(container).slice(before.length).join(', ');
          expectThat('events', sent === '', 'no event', `Because of the checkpoint the runtime sent the event ${sent}`);
        });
      },
    },
    {
      id: 'log-goes-on',
      title: "The container's log has no gap, no repetition and no restart across a checkpoint",
      level: 'documented',
      source: sentence('D2'),
      needs: ['log-files'],
      mutants: {
        'runtime-checkpoint-cuts-the-log': 'log',
        'runtime-leaves-container-frozen': 'progress',
        'runtime-stops-container': 'progress',
      },
      async check(subject) {
        const container = await subject.runtime.started();
        await expectProgress(subject, container, 'after the start');
        await checkpoint(subject, container);
        await expectProgress(subject, container);
        const counts = (await container.log()).map(({ text }) => text);
        const wrong = counts.findIndex((text, index) => text !== String(index));
        const around = counts.slice(Math.max(0, wrong - 2), wrong + 3).join(', ');
        const actual = `The checkpoint damaged the container's log: the container counts from 0, and line ${wrong + 1} of its log is out of order: ... ${around} ...`;
        expectThat('log', wrong === -1, 'a log with the numbers 0, 1, 2 and so on', actual);
      },
    },
    {
      id: 'commands-run',
      title: 'ExecSync works in the container after a checkpoint',
      level: 'hardening',
      source: harm('frozen'),
      mutants: { 'runtime-leaves-container-frozen': 'ok', 'runtime-stops-container': 'ok' },
      async check(subject) {
        const container = await subject.runtime.started();
        await checkpoint(subject, container);
        const cmd = ['/bin/echo', 'here'];
        const outcome = await subject.runtime.call('ExecSync', { container_id: container.id, cmd, timeout: '10' });
        expectOk('ExecSync', outcome, 'A command in the container, run after its checkpoint,');
        expectEqual('output', outcome.response.stdout.toString().trim(), 'here', 'The output of "echo here"');
      },
    },
  ],
);
