// Several who ask at once, and one who goes away while it waits.

import { finding, observed, sentence } from '../catalogue/sources';
import { duringCheckpoint } from '../steps/during-checkpoint';
import { archivePath, kubeletTime } from '../steps/kubelet-answer';
import { ABSENT, checkpointPath } from '../steps/kubelet-request';
import { expectEqual, expectStatus, expectThat, Unsupported } from '../subject/expect';
import type { HttpAnswer } from '../subject/http';
import { group } from '../subject/spec';

/** So long a request for something else may take while a checkpoint is under way, milliseconds. */
const PROMPTLY_MS = 5_000;

/** Checkpoints until three of them are of one second. */
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
      for (const answer of answers) expectStatus(answer, 200);
      const paths = answers.map(archivePath);
      expectEqual('path', new Set(paths).size, paths.length);
    },
  },
  {
    id: 'one-container-several-times',
    title: 'Concurrent requests for one container each get 200 or 500 and make one runtime call each',
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
          expectThat('status', status === 200 || status === 500, 'HTTP status 200 or 500', status);
        }
      });
      expectEqual('calls', calls.length, 3);
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
        const status = await other.then((answer) => answer.status).catch(() => 'none in time');
        expectEqual('answered', status, 404);
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
      await duringCheckpoint(await node(), until, async (callsSoFar, leave) => {
        await leave();
        const ended = await until(
          'cancelled',
          async () => callsSoFar()[0]?.ended,
          (code) => code !== undefined,
        );
        expectEqual('cancelled', ended, 'CANCELLED');
      });
    },
  },
  {
    id: 'same-second-keeps-both',
    title: 'Checkpoints of one container within the same second do not overwrite each other',
    source: observed('same second'),
    needs: ['checkpoint'],
    deviates:
      'A kubelet names archives to the second: two checkpoints of a container within one have the same name, and the second overwrites the first.',
    mutants: {
      'kubelet-one-name-a-second': 'path',
      'kubelet-empty-items': 'items',
      'kubelet-success-is-201': 'served',
      'kubelet-timestamp-is-unix-time': 'path',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      const answers: HttpAnswer[] = [];
      // What lies between answers of one second was asked for and named in that second.
      const areOfOneSecond = () => new Set(answers.slice(-3).map(kubeletTime)).size === 1;
      do answers.push(await checkpoint(running));
      while (answers.length < 3 || (!areOfOneSecond() && answers.length < MAX_TRIES));
      if (!areOfOneSecond()) throw new Unsupported('a checkpoint takes too long here for several within a second');
      const paths = answers.filter(({ status }) => status === 200).map(archivePath);
      expectThat(
        'served',
        paths.length > 0,
        'a success among three',
        answers.map(({ status }) => status),
      );
      expectEqual('path', new Set(paths).size, paths.length);
    },
  },
]);
