// Rules about concurrent requests, and about a client that disconnects while it waits.

import { finding, observed, sentence } from '../catalogue/sources';
import { duringCheckpoint } from '../steps/during-checkpoint';
import { archivePath, kubeletTime } from '../steps/kubelet-answer';
import { ABSENT, checkpointPath, expectCalls } from '../steps/kubelet-request';
import { expectEqual, expectStatus, expectThat, Unsupported } from '../subject/expect';
import type { HttpAnswer } from '../subject/http';
import { group } from '../subject/spec';

/** Maximum duration of another request while a checkpoint is in progress, milliseconds. */
const PROMPTLY_MS = 5_000;

/** Maximum number of checkpoints that the spec makes to get three within the same second. */
const MAX_TRIES = 30;

export const concurrentRequestSpecs = group('kubelet/at-once', { level: 'hardening', needs: ['kubelet'] }, [
  {
    id: 'several-containers',
    title: 'Concurrent checkpoints of several containers succeed, each with its own archive',
    source: sentence('D11'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-busy-is-503': 'status',
      'kubelet-empty-items': 'items',
      'kubelet-success-is-201': 'status',
      'runtime-one-checkpoint-at-a-time': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, other } = await node();
      const answers = await Promise.all([running, other].map((name) => checkpoint(name)));
      for (const answer of answers)
        expectStatus(answer, 200, 'One of two concurrent checkpoint requests for two containers');
      const paths = answers.map(archivePath);
      const actual = `Concurrent checkpoints of two containers got the same archive: ${paths.join(', ')}`;
      expectThat('path', new Set(paths).size === paths.length, 'an archive for each', actual);
    },
  },
  {
    id: 'one-container-several-times',
    title: 'Concurrent requests for one container each get 200 or 500, and each makes one call to the runtime',
    level: 'documented',
    source: sentence('D11'),
    needs: ['call-log'],
    mutants: {
      'kubelet-busy-is-503': 'status',
      'kubelet-shares-one-call': 'calls',
      'kubelet-success-is-201': 'status',
      'kubelet-asks-runtime-twice': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running } = await node();
      const calls = await checkpointsDuring(async () => {
        for (const { status } of await Promise.all([1, 2, 3].map(() => checkpoint(running)))) {
          const actual = `One of three concurrent requests for one container got HTTP ${status}`;
          expectThat('status', status === 200 || status === 500, 'HTTP 200 or 500', actual);
        }
      });
      expectCalls(calls, 3, 'Three concurrent requests for one container');
    },
  },
  {
    id: 'others-are-not-held-up',
    title: 'Other requests are answered while a checkpoint is in progress',
    source: sentence('D20'),
    needs: ['runtime-faults', 'call-log'],
    mutants: {
      'kubelet-one-at-a-time': 'answered',
      'kubelet-busy-is-503': 'answered',
      'kubelet-unknown-pod-is-500': 'answered',
      'kubelet-unknown-name-is-400': 'answered',
    },
    async check({ node, until }) {
      const usual = await node();
      await duringCheckpoint(usual, until, async () => {
        const target = checkpointPath({ ...usual.running, pod: ABSENT });
        const other = usual.request({ method: 'POST', target, signal: AbortSignal.timeout(PROMPTLY_MS) });
        const status = await other.then((answer) => answer.status).catch(() => undefined);
        const actual = `During a checkpoint a request for an unknown pod got ${status === undefined ? `no response within ${PROMPTLY_MS / 1000} s` : `HTTP ${status}`}`;
        expectThat('answered', status === 404, 'HTTP 404 while the checkpoint is in progress', actual);
      });
    },
  },
  {
    id: 'who-leaves-ends-the-checkpoint',
    title: 'If the client disconnects, the kubelet cancels the runtime call',
    source: finding('archive-after-deadline'),
    needs: ['runtime-faults', 'call-log'],
    mutants: { 'kubelet-goes-on-without-its-client': 'cancelled' },
    async check({ node, until }) {
      await duringCheckpoint(await node(), until, async (callsSoFar, disconnect) => {
        await disconnect();
        const ended = await until(
          'cancelled',
          async () => callsSoFar()[0]?.ended,
          (code) => code !== undefined,
          {
            expected: 'a call that is cancelled',
            actual: (_, seconds) =>
              `${seconds} s after the client of a checkpoint disconnected its CheckpointContainer call is still in progress`,
          },
        );
        expectEqual(
          'cancelled',
          ended,
          'CANCELLED',
          'The code of the CheckpointContainer call after its client disconnected',
        );
      });
    },
  },
  {
    id: 'same-second-keeps-both',
    title: 'Checkpoints of one container within the same second do not overwrite each other',
    source: observed('same second'),
    needs: ['checkpoint'],
    deviates:
      'A kubelet puts whole seconds into archive names: two checkpoints of a container within one second have the same name, and the second one overwrites the first.',
    mutants: {
      'kubelet-one-name-a-second': 'path',
      'kubelet-empty-items': 'items',
      'kubelet-success-is-201': 'served',
      'kubelet-timestamp-is-unix-time': 'path',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      const answers: HttpAnswer[] = [];
      // If three consecutive responses have the same Date header, at least the last two requests were also sent in that
      // second.
      const areOfOneSecond = () => new Set(answers.slice(-3).map(kubeletTime)).size === 1;
      do answers.push(await checkpoint(running));
      while (answers.length < 3 || (!areOfOneSecond() && answers.length < MAX_TRIES));
      if (!areOfOneSecond()) throw new Unsupported('a checkpoint takes too long here for several within a second');
      const paths = answers.filter(({ status }) => status === 200).map(archivePath);
      const statuses = answers.map(({ status }) => status).join(', ');
      const failed = `None of several checkpoints within one second got HTTP 200: they got ${statuses}`;
      expectThat('served', paths.length > 0, 'at least one success', failed);
      const same = paths.find((one, index) => paths.indexOf(one) !== index);
      const actual = `Two checkpoints within one second got the same archive, so the second overwrote the first: ${same}`;
      expectThat('path', same === undefined, 'another archive for each checkpoint', actual);
    },
  },
]);
