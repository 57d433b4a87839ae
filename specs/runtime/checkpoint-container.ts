import path from 'node:path';
import { criApi, finding, grpcCode, harm, observedRuntimes, sentence } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, expectCompleteArchive, expectProgress, takeCheckpoint, untilExited } from '../steps/checkpoint';
import { expectEqual, expectFailed, expectStillEmpty, expectThat } from '../subject/expect';
import { group } from '../subject/spec';

const UNKNOWN_ID = 'f'.repeat(64);
const _CALL = criApi('CheckpointContainer');

export const checkpointContainerSpecs = group(
  'runtime/checkpoint-container',
  { level: 'contract', needs: ['runtime', 'checkpoint'] },
  [
    {
      id: 'writes-to-the-location',
      title: 'A successful checkpoint writes its archive to the location',
      source: criApi('CheckpointContainerRequest.location'),
      needs: ['files'],
      mutants: {
        ...UNREADABLE,
      },
      async check(subject) {
        const { location } = await takeCheckpoint(subject);
        await expectCompleteArchive(location);
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
        await expectProgress(subject, container);
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
        expectEqual(
          'state',
          await container.state(),
          'CONTAINER_RUNNING',
          'After the checkpoint the state of the container',
        );
      },
    },
    {
      id: 'exited-is-refused',
      title: 'A checkpoint of an exited container is refused, and nothing is written',
      level: 'documented',
      source: sentence('D2'),
      needs: ['files'],
      mutants: { 'runtime-checkpoints-any-state': 'code', 'runtime-refusal-leaves-a-file': 'left-over' },
      async check({ runtime, until }) {
        const container = await runtime.started({ command: ['/bin/sh', '-c', 'exit 0'] });
        await untilExited({ until }, container);
        const directory = await runtime.directory();
        const outcome = await checkpointTo(runtime, container, path.join(directory, 'exited.tar'));
        expectFailed('CheckpointContainer', outcome, 'A checkpoint of an exited container');
        await expectStillEmpty(directory, 'The refused checkpoint of an exited container');
      },
    },
    {
      id: 'created-is-refused',
      title: 'A checkpoint of a container that was never started is refused, and nothing is written',
      level: 'documented',
      source: sentence('D2'),
      needs: ['files'],
      mutants: { 'runtime-checkpoints-any-state': 'code', 'runtime-refusal-leaves-a-file': 'left-over' },
      async check({ runtime }) {
        const container = await runtime.created();
        const directory = await runtime.directory();
        const outcome = await checkpointTo(runtime, container, path.join(directory, 'created.tar'));
        expectFailed('CheckpointContainer', outcome, 'A checkpoint of a container that was never started');
        await expectStillEmpty(directory, 'The refused checkpoint of a container that was never started');
      },
    },
    {
      id: 'unknown-id-is-refused',
      title: 'A checkpoint request with an unknown container id is refused',
      source: criApi('CheckpointContainerRequest.container_id'),
      mutants: { 'runtime-accepts-unknown-id': 'code' },
      async check({ runtime }) {
        const location = path.join(await runtime.directory(), 'unknown.tar');
        const outcome = await checkpointTo(runtime, { id: UNKNOWN_ID }, location);
        expectFailed('CheckpointContainer', outcome, 'A checkpoint of a container that does not exist');
      },
    },
    {
      id: 'unknown-id-is-not-found',
      title:
        'A checkpoint request with an unknown container id fails with NotFound, so that clients can recognize the error',
      level: 'observed',
      source: observedRuntimes('checkpoint-unknown-id'),
      mutants: { 'runtime-accepts-unknown-id': 'code', 'runtime-unknown-id-is-unknown': 'code' },
      async check({ runtime }) {
        const location = path.join(await runtime.directory(), 'unknown.tar');
        const outcome = await checkpointTo(runtime, { id: UNKNOWN_ID }, location);
        expectFailed('CheckpointContainer', outcome, 'A checkpoint of a container that does not exist', 'NOT_FOUND');
      },
    },
    {
      id: 'sandbox-id-is-refused',
      title: 'A checkpoint request with the id of a sandbox instead of a container is refused',
      source: criApi('CheckpointContainerRequest.container_id'),
      mutants: { 'runtime-accepts-unknown-id': 'code', 'runtime-takes-sandbox-for-container': 'code' },
      async check({ runtime }) {
        const { sandboxId } = await runtime.started();
        const location = path.join(await runtime.directory(), 'sandbox.tar');
        const outcome = await checkpointTo(runtime, { id: sandboxId }, location);
        expectFailed(
          'CheckpointContainer',
          outcome,
          'A checkpoint with the id of a sandbox in place of a container id',
        );
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
        const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [`${outcome.code}: ${outcome.message}`]));
        const actual = `${errors.length} of 3 concurrent checkpoints of one container failed: ${errors.join('; ')}`;
        expectThat('ok', errors.length === 0, 'three successful checkpoints', actual);
      },
    },
  ],
);

export const refusalSpecs = group('runtime/refusal', { level: 'contract', needs: ['runtime', 'refusal'] }, [
  {
    id: 'is-unimplemented',
    title: 'A runtime without checkpoint support returns Unimplemented',
    source: grpcCode('UNIMPLEMENTED'),
    mutants: { 'runtime-refuses-with-unknown': 'code' },
    async check({ runtime }) {
      const container = await runtime.started();
      const location = path.join(await runtime.directory(), 'refused.tar');
      const outcome = await runtime.whileRefusing(() => checkpointTo(runtime, container, location));
      expectFailed('CheckpointContainer', outcome, 'A checkpoint that the runtime does not support', 'UNIMPLEMENTED');
    },
  },
  {
    id: 'leaves-everything-alone',
    title: 'After a refusal the container keeps running, and nothing is written',
    level: 'hardening',
    source: harm('frozen'),
    needs: ['files', 'log-files'],
    mutants: { 'runtime-refusal-leaves-a-file': 'left-over', 'runtime-refusal-freezes-container': 'progress' },
    async check({ runtime, until }) {
      const container = await runtime.started();
      const directory = await runtime.directory();
      const location = path.join(directory, 'refused.tar');
      const outcome = await runtime.whileRefusing(() => checkpointTo(runtime, container, location));
      expectFailed('CheckpointContainer', outcome, 'A checkpoint that the runtime does not support');
      await expectStillEmpty(directory, 'The checkpoint that the runtime refused');
      await expectProgress({ until }, container, 'after the refused checkpoint');
    },
  },
]);
