// Rules about restored containers: states, names, logs, and which archives are refused.
import fs from 'node:fs/promises';
import path from 'node:path';
import { openArchive } from '../archive-file/reader';
import { readRegularIfThere } from '../archive-file/regular-file';
import { criApi, finding, harm } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { UNRESTORABLE } from '../catalogue/unrestorable';
import {
  checkpointedCounter,
  copyTarWithout,
  createdAtMs,
  expectCreated,
  linesSinceRestore,
  RESTORE_CALLS,
  startRestored,
  stopAndRemove,
} from '../steps/restore';
import { counted, expectEqual, expectFailed, expectOk, expectThat, show, Unsupported } from '../subject/expect';
import { group } from '../subject/spec';
import type { Attempt, Runtime, Subject, TestContainer } from '../subject/subject';

const _CREATE = criApi('CreateContainer');
const _STATUS = criApi('ContainerStatus');

async function statusOf(runtime: Runtime, { id: container_id }: TestContainer) {
  const outcome = await runtime.call('ContainerStatus', { container_id });
  expectOk('ContainerStatus', outcome);
  return outcome.response.status;
}

/** Returns labels as JSON that does not depend on their order. */
const inOrder = (labels: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(labels).sort());

/** Checkpoints a container, removes the container and returns the path of the archive. */
async function archive(subject: Subject): Promise<string> {
  const { container, location } = await checkpointedCounter(subject);
  await stopAndRemove(subject.runtime, container);
  return location;
}

/** Expects that a refused CreateContainer left no container in the sandbox. A failure has the label `left-over`. */
async function expectNothing(runtime: Runtime, { sandboxId }: Attempt): Promise<void> {
  const outcome = await runtime.call('ListContainers', { filter: { pod_sandbox_id: sandboxId } });
  expectOk('ListContainers', outcome);
  const ids = outcome.response.containers.map(({ id }) => id).join(', ');
  const actual = `CreateContainer failed, but left a container behind: ${ids}`;
  expectThat('left-over', ids === '', 'no container', actual, ['CreateContainer ', 'ListContainers ']);
}

/** Functions that make an invalid archive from a valid one, by the kind of defect. */
const NO_ARCHIVES: Readonly<Record<string, (whole: Buffer) => Buffer>> = {
  empty: () => Buffer.alloc(0),
  garbage: () => Buffer.from('no archive at all '.repeat(100)),
  cut: (whole) => whole.subarray(0, Math.floor(whole.length / 2 / 512) * 512 + 100),
};

export const restoredContainerSpecs = group(
  'runtime/restored-container',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'restore', 'files', 'log-files'] },
  [
    {
      id: 'is-created-then-runs',
      title: 'A container created from an archive runs only after it is started',
      level: 'contract',
      source: criApi('StartContainer'),
      mutants: { ...UNRESTORABLE, 'restore-runs-at-once': 'state', 'runtime-created-looks-running': 'state' },
      async check(subject) {
        const { runtime } = subject;
        const container = expectCreated(await runtime.tried({ image: await archive(subject) }));
        const what = 'the state of the container that was created from the archive';
        expectEqual('state', await container.state(), 'CONTAINER_CREATED', `Before StartContainer ${what}`);
        expectOk('StartContainer', await runtime.call('StartContainer', { container_id: container.id }));
        expectEqual('state', await container.state(), 'CONTAINER_RUNNING', `After StartContainer ${what}`);
      },
    },
    {
      id: 'labels-are-the-requests',
      title: 'A restored container has the labels of the request: the kubelet finds its containers by them',
      strength: 'should',
      source: criApi('ContainerStatus.labels'),
      mutants: { ...UNRESTORABLE, 'restore-keeps-old-labels': 'labels' },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject, { labels: { which: 'old', only: 'old' } });
        await stopAndRemove(runtime, container);
        const there = expectCreated(await runtime.tried({ image: location, labels: { which: 'new' } }));
        const { labels = {} } = (await statusOf(runtime, there)) ?? {};
        const actual = `The labels of the restored container are not those that CreateContainer asked for: ${show(labels)}`;
        expectThat('labels', inOrder(labels) === inOrder(there.labels), show(there.labels), actual, RESTORE_CALLS);
      },
    },
    {
      id: 'annotations-are-the-requests',
      title: 'A restored container has the annotations of the request: the kubelet keeps its state in them',
      strength: 'should',
      source: finding('annotations-are-the-requests'),
      mutants: { ...UNRESTORABLE, 'restore-keeps-old-annotations': 'annotations' },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject, {
          annotations: { which: 'old', only: 'old' },
        });
        await stopAndRemove(runtime, container);
        const there = expectCreated(await runtime.tried({ image: location, annotations: { which: 'new' } }));
        const { annotations = {} } = (await statusOf(runtime, there)) ?? {};
        const actual = `CreateContainer asked for the annotation which=new; the restored container has ${annotations['which'] === undefined ? 'no such annotation' : `which=${annotations['which']}, from the checkpointed container`}`;
        expectThat('annotations', annotations['which'] === 'new', 'the annotation which=new', actual, RESTORE_CALLS);
      },
    },
    {
      id: 'shows-its-base-image',
      title: 'The status of a restored container shows its original image, not the archive',
      level: 'observed',
      strength: 'should',
      source: criApi('ContainerStatus.image'),
      mutants: { ...UNRESTORABLE, 'restore-shows-the-archive': 'image' },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject);
        const before = (await statusOf(runtime, container))?.image?.image;
        await stopAndRemove(runtime, container);
        const there = expectCreated(await runtime.tried({ image: location }));
        const image = (await statusOf(runtime, there))?.image?.image;
        expectEqual('image', image, before, 'The image in the status of the restored container');
      },
    },
    {
      id: 'log-is-where-it-was-asked',
      title: 'The log of a restored container is at the path in the request, where log collectors look for it',
      strength: 'should',
      source: finding('restored-log-elsewhere'),
      mutants: { ...UNRESTORABLE, 'restore-logs-elsewhere': 'log-path' },
      async check(subject) {
        const { runtime } = subject;
        const there = expectCreated(await runtime.tried({ image: await archive(subject) }));
        const logPath = (await statusOf(runtime, there))?.log_path;
        expectEqual('log-path', logPath, there.logPath, 'The path of the log in the status of the restored container');
      },
    },
    {
      id: 'log-is-kept',
      title: 'The log of a restored container begins with the log from before the checkpoint',
      source: harm('restored'),
      mutants: { ...UNRESTORABLE, 'restore-loses-log': 'kept', 'restore-stays-frozen': 'progress' },
      async check(subject) {
        const { runtime } = subject;
        const { container, before, location } = await checkpointedCounter(subject);
        await stopAndRemove(runtime, container);
        const there = await startRestored(runtime, location);
        await linesSinceRestore(subject, runtime, there);
        const kept = (await there.log()).slice(0, before.length).map(({ text }) => text);
        const [was, is] = [before.map(({ text }) => text).join(' '), kept.join(' ')];
        const actual = `The log of the restored container does not begin with the log from before the checkpoint: it begins with ${show(is)}`;
        expectThat('kept', is === was, `a log that begins with ${show(was)}`, actual, RESTORE_CALLS);
      },
    },
    {
      id: 'log-repeats-nothing',
      title: 'The log of a restored container contains no line twice',
      strength: 'should',
      source: finding('log-ahead'),
      mutants: {
        ...UNRESTORABLE,
        'restore-log-is-ahead': 'twice',
        'restore-starts-again': 'twice',
        'archive-pages-blank': 'twice',
        'restore-stays-frozen': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject, {});
        await stopAndRemove(runtime, container);
        const there = await startRestored(runtime, location);
        const newLines = await linesSinceRestore(subject, runtime, there);
        const since = await createdAtMs(runtime, there);
        const kept = (await there.log()).filter(({ atMs }) => atMs < since).map(({ text }) => text);
        const twice = newLines.filter((line) => kept.includes(line));
        const which = `${counted(twice.length, 'line')} ${twice.length === 1 ? 'appears' : 'appear'} twice in the log`;
        const actual = `${which} of the restored container, whose process counted them again: ${twice.join(', ')}`;
        expectThat('twice', twice.length === 0, 'every line once', actual, RESTORE_CALLS);
      },
    },
    {
      id: 'what-is-no-archive-is-refused',
      title: 'A restore from an empty, random or truncated file is refused, and no container is left behind',
      source: harm('leaked'),
      mutants: {
        ...UNRESTORABLE,
        'restore-takes-anything': 'code',
        'restore-refusal-leaves-a-container': 'left-over',
        'runtime-ignores-sandbox-filter': 'left-over',
      },
      async check(subject) {
        const { runtime } = subject;
        const location = await archive(subject);
        const whole = (await readRegularIfThere(location)) ?? Buffer.alloc(0);
        expectCreated(await runtime.tried({ image: location }));
        for (const [name, make] of Object.entries(NO_ARCHIVES)) {
          const file = path.join(path.dirname(location), `${name}.tar`);
          await fs.writeFile(file, make(whole), { mode: 0o600 });
          const attempt = await runtime.tried({ image: file });
          expectFailed('CreateContainer', attempt.outcome, `Creating a container from a file that is ${name}`);
          await expectNothing(runtime, attempt);
        }
      },
    },
    {
      id: 'incomplete-is-refused',
      title: "A restore from an archive without CRIU's inventory is refused, because CRIU writes the inventory last",
      source: harm('restored'),
      mutants: { ...UNRESTORABLE, ...UNREADABLE, 'restore-takes-anything': 'incomplete' },
      async check(subject) {
        const { runtime } = subject;
        const location = await archive(subject);
        const inventory = 'checkpoint/inventory.img';
        const whole = await openArchive(location);
        const file = path.join(path.dirname(location), 'incomplete.tar');
        await copyTarWithout({ path: location, members: whole.members }, (name) => name === inventory, file);
        expectCreated(await runtime.tried({ image: location }));
        if (!whole.member(inventory)) throw new Unsupported('the archive has no CRIU images', 'not-offered');
        const { container } = await runtime.tried({ image: file });
        if (!container) return;
        const started = await runtime.call('StartContainer', { container_id: container.id });
        const actual = "A container was created and started from an incomplete archive, which lacks CRIU's inventory";
        expectThat('incomplete', !started.ok, 'an error of CreateContainer or StartContainer', actual, RESTORE_CALLS);
      },
    },
    {
      id: 'refusal-frees-the-name',
      title: 'After a restore from a bad archive is refused, the container name can be used again',
      source: harm('restored'),
      mutants: { ...UNRESTORABLE, 'restore-refusal-keeps-the-name': 'ok', 'restore-takes-anything': 'code' },
      async check(subject) {
        const { runtime } = subject;
        const location = await archive(subject);
        const file = path.join(path.dirname(location), 'garbage.tar');
        await fs.writeFile(file, 'no archive');
        const attempt = await runtime.tried({ image: file });
        expectFailed('CreateContainer', attempt.outcome, 'Creating a container from a file that is no archive');
        expectCreated(await runtime.tried({ image: location }, attempt));
      },
    },
    {
      id: 'archive-is-left-alone',
      title: 'A restore neither removes nor changes the archive',
      source: harm('restored'),
      mutants: { ...UNRESTORABLE, 'restore-eats-the-archive': 'archive' },
      async check(subject) {
        const { runtime } = subject;
        const location = await archive(subject);
        const bytes = async () => (await readRegularIfThere(location))?.toString('latin1');
        const before = await bytes();
        await startRestored(runtime, location);
        const after = await bytes();
        const actual = after === undefined ? 'The restore removed the archive' : 'The restore changed the archive';
        expectThat('archive', after === before, 'an unchanged archive', actual, RESTORE_CALLS);
      },
    },
    {
      id: 'one-archive-many-containers',
      title: 'Several containers can be restored from one archive',
      source: harm('restored'),
      mutants: {
        ...UNRESTORABLE,
        'restore-only-once': 'ok',
        'restore-eats-the-archive': 'ok',
        'restore-stays-frozen': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const location = await archive(subject);
        const both = [await startRestored(runtime, location), await startRestored(runtime, location)];
        const [first, second] = await Promise.all(both.map((one) => linesSinceRestore(subject, runtime, one)));
        const actual = `Two containers that were restored from one archive continue at different points: at ${first?.[0]} and at ${second?.[0]}`;
        expectThat('point', first?.[0] === second?.[0], 'the same point', actual, RESTORE_CALLS);
      },
    },
  ],
);
