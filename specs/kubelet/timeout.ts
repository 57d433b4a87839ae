// Rules about the timeout in the query, in whole seconds. If it is zero or absent, the default applies.

import { observed, sentence } from '../catalogue/sources';
import { expectCalls } from '../steps/kubelet-request';
import { expectBodyContains, expectEqual, expectRefused, expectStatus, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { SeenCheckpoint } from '../subject/subject';

/** Query values that Go does not parse as decimal integers. */
const NOT_INTEGERS = ['abc', '1.5', '0x10', '', '1e3', '+5', '5s', '9223372036854775808'];

/**
 * Tolerance for deadlines, seconds. gRPC transmits the remaining time, so the runtime sees a slightly shorter deadline.
 */
const DEADLINE_TOLERANCE = 2;

function expectDeadline(calls: readonly SeenCheckpoint[], seconds: number): void {
  expectCalls(calls, 1, 'A checkpoint request');
  const seen = calls[0]?.deadlineSeconds;
  const near = seen !== undefined && seen <= seconds && seen > seconds - DEADLINE_TOLERANCE;
  const actual = `The deadline of the CheckpointContainer call is ${seen === undefined ? 'missing' : `${seen} s`}`;
  expectThat('deadline', near, `${seconds} s`, actual);
}

export const timeoutSpecs = group('kubelet/timeout', { level: 'documented', needs: ['kubelet'] }, [
  {
    id: 'integer-is-accepted',
    title: 'Zero and positive integers are accepted as timeout',
    source: sentence('D19'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-timeout-refused': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      for (const value of ['0', '30', '2147483647'])
        expectStatus(await checkpoint(running, `timeout=${value}`), 200, `A checkpoint request with timeout=${value}`);
    },
  },
  {
    id: 'other-than-integer-is-refused',
    title: 'A request with a timeout that is not an integer is refused',
    source: sentence('D19'),
    mutants: { 'kubelet-timeout-garbage-accepted': 'refused', 'kubelet-overflow-is-the-default': 'refused' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      for (const value of NOT_INTEGERS)
        expectRefused(await checkpoint(running, `timeout=${value}`), `A checkpoint request with timeout=${value}`);
    },
  },
  {
    id: 'other-than-integer-is-404',
    title:
      'A request with a timeout that is not an integer gets 404, and the body says that the timeout cannot be parsed',
    level: 'observed',
    source: observed('timeout-word'),
    mutants: {
      'kubelet-timeout-garbage-accepted': 'status',
      'kubelet-timeout-garbage-is-400': 'status',
      'kubelet-overflow-is-the-default': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      for (const value of NOT_INTEGERS) {
        const answer = await checkpoint(running, `timeout=${value}`);
        expectStatus(answer, 404, `A checkpoint request with timeout=${value}`);
        expectBodyContains(
          answer,
          'cannot parse value of timeout parameter',
          `A checkpoint request with timeout=${value}`,
        );
      }
    },
  },
  {
    id: 'negative-is-500',
    title: 'A request with a negative timeout gets 500',
    level: 'observed',
    source: observed('timeout-negative'),
    mutants: {
      'kubelet-timeout-garbage-accepted': 'status',
      'kubelet-timeout-refused': 'status',
      'kubelet-negative-is-the-default': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(await checkpoint(running, 'timeout=-1'), 500, 'A checkpoint request with timeout=-1');
    },
  },
  {
    id: 'last-value-wins',
    title: 'If the query contains several timeouts, the last one counts',
    level: 'observed',
    source: observed('timeout-last-wins-valid'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-first-timeout-wins': 'status',
      'kubelet-timeout-refused': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(
        await checkpoint(running, 'timeout=abc&timeout=30'),
        200,
        'A checkpoint request with timeout=abc&timeout=30',
      );
    },
  },
  {
    id: 'none-is-the-default',
    title: 'If the request sets no timeout, the kubelet uses its default timeout',
    source: sentence('D21'),
    needs: ['call-log'],
    mutants: {
      'kubelet-no-default-timeout': 'deadline',
      'kubelet-default-timeout-of-60s': 'deadline',
      'kubelet-asks-runtime-twice': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running, runtimeRequestTimeoutSeconds } = await node();
      expectDeadline(await checkpointsDuring(() => checkpoint(running)), runtimeRequestTimeoutSeconds);
    },
  },
  {
    id: 'zero-is-the-default',
    title: 'If the request sets a timeout of zero, the kubelet uses its default timeout',
    source: sentence('D21'),
    needs: ['call-log'],
    mutants: {
      'kubelet-no-default-timeout': 'deadline',
      'kubelet-default-timeout-of-60s': 'deadline',
      'kubelet-zero-waits-for-ever': 'deadline',
      'kubelet-asks-runtime-twice': 'calls',
      'kubelet-timeout-refused': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running, runtimeRequestTimeoutSeconds } = await node();
      expectDeadline(await checkpointsDuring(() => checkpoint(running, 'timeout=0')), runtimeRequestTimeoutSeconds);
    },
  },
  {
    id: 'default-follows-configuration',
    title: "The default timeout is runtimeRequestTimeout in the kubelet's configuration",
    source: sentence('D21'),
    needs: ['call-log', 'kubelet-configuration'],
    mutants: {
      'kubelet-no-default-timeout': 'deadline',
      'kubelet-default-timeout-of-60s': 'deadline',
      'kubelet-default-timeout-fixed': 'deadline',
      'kubelet-asks-runtime-twice': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running } = await node({ runtimeRequestTimeoutSeconds: 90 });
      expectDeadline(await checkpointsDuring(() => checkpoint(running)), 90);
    },
  },
  {
    id: 'longer-reaches-the-runtime',
    title: 'A timeout longer than the default becomes the deadline of the runtime call',
    source: sentence('D20'),
    needs: ['call-log'],
    mutants: {
      'kubelet-timeout-ignored': 'deadline',
      'kubelet-timeout-in-milliseconds': 'deadline',
      'kubelet-no-default-timeout': 'deadline',
      'kubelet-asks-runtime-twice': 'calls',
      'kubelet-timeout-refused': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running, runtimeRequestTimeoutSeconds } = await node();
      const wanted = runtimeRequestTimeoutSeconds + 180;
      expectDeadline(await checkpointsDuring(() => checkpoint(running, `timeout=${wanted}`)), wanted);
    },
  },
  {
    id: 'field-equals-deadline',
    title: 'The timeout field of the runtime call equals its deadline in seconds and is never zero',
    level: 'observed',
    source: observed('checkpoint-calls'),
    needs: ['call-log'],
    mutants: {
      'kubelet-timeout-field-empty': 'field',
      'kubelet-zero-waits-for-ever': 'field',
      'kubelet-no-default-timeout': 'field',
      'kubelet-default-timeout-of-60s': 'field',
      'kubelet-timeout-ignored': 'field',
      'kubelet-timeout-in-milliseconds': 'field',
      'kubelet-asks-runtime-twice': 'calls',
      'kubelet-timeout-refused': 'calls',
    },
    async check({ node }) {
      const { checkpoint, checkpointsDuring, running, runtimeRequestTimeoutSeconds: fallback } = await node();
      const rows = [
        ['', fallback],
        ['timeout=0', fallback],
        [`timeout=${fallback + 180}`, fallback + 180],
      ] as const;
      for (const [query, seconds] of rows) {
        const calls = await checkpointsDuring(() => checkpoint(running, query));
        expectCalls(calls, 1, `A checkpoint request with the query "${query}"`);
        expectEqual(
          'field',
          calls[0]?.request.timeout,
          String(seconds),
          `The timeout field of the CheckpointContainer call for the query "${query}"`,
        );
      }
    },
  },
  {
    id: 'longer-is-waited-for',
    title: 'A checkpoint that takes longer than the default timeout succeeds if the request sets a longer timeout',
    source: sentence('D20'),
    needs: ['runtime-faults', 'kubelet-configuration', 'checkpoint'],
    mutants: {
      'kubelet-timeout-ignored': 'status',
      'kubelet-timeout-in-milliseconds': 'status',
      'kubelet-timeout-refused': 'status',
      'kubelet-success-is-201': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node({ runtimeRequestTimeoutSeconds: 1 });
      const answer = await whileRuntime({ delaySeconds: 1.3 }, () => checkpoint(running, 'timeout=60'));
      expectStatus(answer, 200, 'A checkpoint of 1.3 s, with timeout=60 and a default timeout of 1 s,');
    },
  },
  {
    id: 'passed-is-500',
    title: 'If the timeout passes before the checkpoint is finished, the request gets 500',
    source: sentence('D20'),
    needs: ['runtime-faults', 'kubelet-configuration'],
    mutants: {
      'kubelet-deadline-is-504': 'status',
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-no-default-timeout': 'status',
      'kubelet-default-timeout-of-60s': 'status',
      'kubelet-default-timeout-fixed': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node({ runtimeRequestTimeoutSeconds: 1 });
      const answer = await whileRuntime({ delaySeconds: 3 }, () => checkpoint(running));
      expectStatus(answer, 500, 'A checkpoint of 3 s with the default timeout of 1 s');
    },
  },
  {
    id: 'shorter-ends-the-wait',
    title: 'A request with a timeout shorter than the default ends when that timeout passes',
    source: sentence('D20'),
    needs: ['runtime-faults'],
    deviates:
      'A kubelet raises every timeout below runtimeRequestTimeout to that value: a client can make the wait longer, but not shorter.',
    mutants: {
      'kubelet-raises-short-timeouts': 'status',
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-timeout-refused': 'status',
      'kubelet-deadline-is-504': 'status',
      'kubelet-timeout-ignored': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      const answer = await whileRuntime({ delaySeconds: 2 }, () => checkpoint(running, 'timeout=1'));
      expectStatus(answer, 500, 'A checkpoint of 2 s with timeout=1');
    },
  },
]);
