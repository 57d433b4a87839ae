// CheckpointContainer: what it does to a running container, and which containers it refuses.
import fs from 'node:fs/promises';
import path from 'node:path';
import { archiveFault } from '../archive-file/reader';
import { criApi, finding, observed, sentence } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, takeCheckpoint } from '../steps/checkpoint';
import { expectEqual, expectFailed, expectThat, Violation } from '../subject/expect';
import { group } from '../subject/spec';

const UNKNOWN_ID = 'f'.repeat(64);
const CALL = criApi('CheckpointContainer');

export const checkpointContainerSpecs = group(
  'runtime/checkpoint-container',
  { level: 'contract', needs: ['runtime', 'checkpoint'] },
  [
    {
      id: 'writes-to-the-location',
      title: 'A successful checkpoint writes its archive to the location',
      source: CALL,
      needs: ['files'],
      mutants: {
        ...UNREADABLE,
      },
      async check(subject) {
        const { location } = await takeCheckpoint(subject);
        const fault = await archiveFault(location);
        expectThat('archive', fault === undefined, `a tar archive at ${location}`, fault);
      },
    },
    {
      id: 'container-goes-on',
      title: 'The container keeps running after the checkpoint: its log continues',
      level: 'documented',
      source: sentence('D2'),
      needs: ['log-files'],
      mutants: { 'runtime-leaves-container-frozen': 'progress', 'runtime-stops-container': 'progress' },
      async check(subject) {
        const { container } = await takeCheckpoint(subject);
        const before = await container.progress();
        await subject.until(
          'progress',
          () => container.progress(),
          (lines) => lines > before + 1,
        );
      },
    },
    {
      id: 'container-stays-running',
      title: 'The status of the container is still running after the checkpoint',
      level: 'documented',
      source: sentence('D2'),
      mutants: { 'runtime-stops-container': 'state' },
      async check(subject) {
        const { container } = await takeCheckpoint(subject);
        expectEqual('state', await container.state(), 'CONTAINER_RUNNING');
      },
    },
    {
      id: 'exited-is-refused',
      title: 'An exited container is refused, and nothing is written',
      level: 'documented',
      source: sentence('D2'),
      needs: ['files'],
      mutants: { 'runtime-checkpoints-any-state': 'code', 'runtime-refusal-leaves-a-file': 'left-over' },
      async check({ runtime, until }) {
        const container = await runtime.started({ command: ['/bin/sh', '-c', 'exit 0'] });
        await until(
          'exit',
          () => container.state(),
          (state) => state === 'CONTAINER_EXITED',
        );
        const directory = await runtime.directory();
        const outcome = await checkpointTo(runtime, container, path.join(directory, 'exited.tar'));
        expectFailed('CheckpointContainer', outcome);
        expectEqual('left-over', (await fs.readdir(directory)).join(), '');
      },
    },
    {
      id: 'created-is-refused',
      title: 'A container that was never started is refused, and nothing is written',
      level: 'documented',
      source: sentence('D2'),
      needs: ['files'],
      mutants: { 'runtime-checkpoints-any-state': 'code', 'runtime-refusal-leaves-a-file': 'left-over' },
      async check({ runtime }) {
        const container = await runtime.created();
        const directory = await runtime.directory();
        const outcome = await checkpointTo(runtime, container, path.join(directory, 'created.tar'));
        expectFailed('CheckpointContainer', outcome);
        expectEqual('left-over', (await fs.readdir(directory)).join(), '');
      },
    },
    {
      id: 'unknown-id-is-refused',
      title: 'An unknown container id is refused',
      source: CALL,
      mutants: { 'runtime-accepts-unknown-id': 'code' },
      async check({ runtime }) {
        const location = path.join(await runtime.directory(), 'unknown.tar');
        expectFailed('CheckpointContainer', await checkpointTo(runtime, { id: UNKNOWN_ID }, location));
      },
    },
    {
      id: 'unknown-id-is-not-found',
      title: 'An unknown container id gets the code NotFound, so that a client can recognize it',
      level: 'observed',
      source: observed('checkpoint-unknown-id'),
      mutants: { 'runtime-accepts-unknown-id': 'code', 'runtime-unknown-id-is-unknown': 'code' },
      async check({ runtime }) {
        const location = path.join(await runtime.directory(), 'unknown.tar');
        expectFailed('CheckpointContainer', await checkpointTo(runtime, { id: UNKNOWN_ID }, location), 'NOT_FOUND');
      },
    },
    {
      id: 'sandbox-id-is-refused',
      title: 'The id of a sandbox is refused as a container id',
      source: CALL,
      mutants: { 'runtime-accepts-unknown-id': 'code', 'runtime-takes-sandbox-for-container': 'code' },
      async check({ runtime }) {
        const { sandboxId } = await runtime.started();
        const location = path.join(await runtime.directory(), 'sandbox.tar');
        expectFailed('CheckpointContainer', await checkpointTo(runtime, { id: sandboxId }, location));
      },
    },
    {
      id: 'concurrent-all-succeed',
      title: 'Three concurrent checkpoints of one container all succeed',
      level: 'hardening',
      strength: 'should',
      source: finding('concurrent-one-container'),
      mutants: {
        'runtime-one-checkpoint-at-a-time': 'ok',
        'runtime-stops-container': 'ok',
        'runtime-second-at-once-fails-and-writes': 'ok',
      },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await runtime.directory();
        const outcomes = await Promise.all(
          ['1', '2', '3'].map((n) => checkpointTo(runtime, container, path.join(directory, `${n}.tar`))),
        );
        const failed = outcomes.filter((outcome) => !outcome.ok);
        if (failed.length > 0) throw new Violation('ok', 'three successes', JSON.stringify(failed));
      },
    },
  ],
);

export const refusalSpecs = group('runtime/refusal', { level: 'contract', needs: ['runtime', 'refusal'] }, [
  {
    id: 'is-unimplemented',
    title: 'A runtime without checkpoint support returns Unimplemented',
    source: CALL,
    mutants: { 'runtime-refuses-with-unknown': 'code' },
    async check({ runtime }) {
      const container = await runtime.started();
      const location = path.join(await runtime.directory(), 'refused.tar');
      const outcome = await runtime.whileRefusing(() => checkpointTo(runtime, container, location));
      expectFailed('CheckpointContainer', outcome, 'UNIMPLEMENTED');
    },
  },
  {
    id: 'leaves-everything-alone',
    title: 'After a refusal the container keeps running, and nothing is written',
    level: 'hardening',
    source: CALL,
    needs: ['files', 'log-files'],
    mutants: { 'runtime-refusal-leaves-a-file': 'left-over', 'runtime-refusal-freezes-container': 'progress' },
    async check({ runtime, until }) {
      const container = await runtime.started();
      const directory = await runtime.directory();
      const location = path.join(directory, 'refused.tar');
      expectFailed(
        'CheckpointContainer',
        await runtime.whileRefusing(() => checkpointTo(runtime, container, location)),
      );
      expectEqual('left-over', (await fs.readdir(directory)).join(), '');
      const before = await container.progress();
      await until(
        'progress',
        () => container.progress(),
        (lines) => lines > before + 1,
      );
    },
  },
]);
