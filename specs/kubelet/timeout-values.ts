// Rules about unusual timeouts: very large, negative, percent-encoded and repeated values, and when they are validated.

import { observed } from '../catalogue/sources';
import { ABSENT, expectCalls } from '../steps/kubelet-request';
import { expectBodyContains, expectStatus, expectThat } from '../subject/expect';
import { group } from '../subject/spec';

/** The largest number of seconds whose nanoseconds fit into 64 bits. */
const MAX_INT64 = '9223372036';
const OVERFLOWING = '9223372036854775807';

export const timeoutValueSpecs = group('kubelet/timeout-values', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'largest-is-accepted',
    title: 'The largest timeout whose nanoseconds fit into 64 bits is accepted',
    source: observed('timeout-largest-ns'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-timeouts-of-31-bits': 'status',
      'kubelet-success-is-201': 'status',
      'kubelet-timeout-refused': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(
        await checkpoint(running, `timeout=${MAX_INT64}`),
        200,
        `A checkpoint request with timeout=${MAX_INT64}`,
      );
    },
  },
  {
    id: 'overflow-fails-at-once',
    title: 'A request with a timeout whose nanoseconds do not fit into 64 bits gets 500 without a call to the runtime',
    source: observed('timeout-max-int64'),
    needs: ['call-log'],
    mutants: {
      'kubelet-code-dropped': 'message',
      'kubelet-overflow-is-the-default': 'status',
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
      'kubelet-timeout-refused': 'status',
      'kubelet-deadline-is-504': 'status',
      'kubelet-timeout-garbage-accepted': 'status',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running } = await node();
      const calls = await checkpointsDuring(async () => {
        const answer = await checkpoint(running, `timeout=${OVERFLOWING}`);
        expectStatus(answer, 500, `A checkpoint request with timeout=${OVERFLOWING}`);
        expectBodyContains(answer, 'DeadlineExceeded', `A checkpoint request with timeout=${OVERFLOWING}`);
      });
      expectCalls(calls, 0, `A checkpoint request with timeout=${OVERFLOWING}`);
    },
  },
  {
    id: 'negative-asks-nothing',
    title: 'A request with a negative timeout is refused without a call to the runtime',
    source: observed('timeout-negative'),
    needs: ['call-log'],
    mutants: {
      'kubelet-negative-is-the-default': 'message',
      'kubelet-timeout-refused': 'message',
      'kubelet-timeout-garbage-accepted': 'message',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running } = await node();
      const calls = await checkpointsDuring(async () => {
        expectBodyContains(
          await checkpoint(running, 'timeout=-1'),
          'requires the timeout value to be > 0',
          'A checkpoint request with timeout=-1',
        );
      });
      expectCalls(calls, 0, 'A checkpoint request with timeout=-1');
    },
  },
  {
    id: 'escapes-are-undone',
    title: 'Percent-encoding in the timeout is decoded: %2B5 is +5, which is an integer',
    source: observed('timeout-plus-escaped'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-timeout-escapes-kept': 'status',
      'kubelet-success-is-201': 'status',
      'kubelet-timeout-refused': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      for (const value of ['%2B5', '%33%30', '0030'])
        expectStatus(await checkpoint(running, `timeout=${value}`), 200, `A checkpoint request with timeout=${value}`);
    },
  },
  {
    id: 'last-value-wins-over-a-good-one',
    title: 'If the query contains several timeouts, the last one counts, even if it is invalid',
    source: observed('timeout-last-wins-valid'),
    mutants: {
      'kubelet-timeout-garbage-accepted': 'status',
      'kubelet-timeout-garbage-is-400': 'status',
      'kubelet-first-timeout-wins': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(
        await checkpoint(running, 'timeout=30&timeout=abc'),
        404,
        'A checkpoint request with timeout=30&timeout=abc',
      );
    },
  },
  {
    id: 'names-before-timeout',
    title: 'The timeout is validated only after the pod and the container are found',
    source: observed('timeout-bad-pod-first'),
    mutants: { 'kubelet-404-says-nothing': 'message', 'kubelet-timeout-before-lookup': 'message' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      const pod = await checkpoint({ ...running, pod: ABSENT }, 'timeout=abc');
      expectBodyContains(pod, 'pod does not exist', 'A request for an unknown pod with timeout=abc');
      const container = await checkpoint({ ...running, container: ABSENT }, 'timeout=abc');
      expectBodyContains(
        container,
        `container ${ABSENT} does not exist`,
        'A request for an unknown container with timeout=abc',
      );
    },
  },
  {
    id: 'default-is-two-minutes',
    title: 'The default CRI timeout of a kubelet without configuration is two minutes',
    source: observed('checkpoint-calls'),
    needs: ['call-log'],
    mutants: { 'kubelet-no-default-timeout': 'deadline', 'kubelet-default-timeout-of-60s': 'deadline' },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running } = await node();
      const seen = (await checkpointsDuring(() => checkpoint(running)))[0]?.deadlineSeconds ?? 0;
      const actual = `Without a timeout the deadline of the CheckpointContainer call is ${seen} s`;
      expectThat('deadline', seen > 118 && seen <= 120, '120 s', actual);
    },
  },
  {
    id: 'short-is-raised-at-the-runtime',
    title: 'The deadline of the runtime call is never below the default, however short the timeout is',
    source: observed('checkpoint-calls'),
    needs: ['call-log'],
    mutants: {
      'kubelet-timeout-refused': 'deadline',
      'kubelet-no-default-timeout': 'deadline',
      'kubelet-default-timeout-of-60s': 'deadline',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running, runtimeRequestTimeoutSeconds: fallback } = await node();
      for (const value of [5, fallback - 1, fallback]) {
        const [call] = await checkpointsDuring(() => checkpoint(running, `timeout=${value}`));
        const seen = call?.deadlineSeconds ?? 0;
        const fits = seen > fallback - 2 && seen <= fallback;
        const actual = `With timeout=${value} the deadline of the CheckpointContainer call is ${seen} s`;
        expectThat('deadline', fits, `${fallback} s, the default`, actual);
      }
    },
  },
]);
