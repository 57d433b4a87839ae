// Rules about error messages: the kubelet's own messages, and the runtime's messages, which the kubelet passes on
// unchanged.

import { observed, sentence } from '../catalogue/sources';
import { containsOnlyItems } from '../steps/kubelet-answer';
import { ABSENT } from '../steps/kubelet-request';
import { expectBodyContains, expectEqual, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';

/** All gRPC error codes, by their names in the gRPC documentation and in Go. */
const CODES = {
  CANCELLED: 'Canceled',
  UNKNOWN: 'Unknown',
  INVALID_ARGUMENT: 'InvalidArgument',
  DEADLINE_EXCEEDED: 'DeadlineExceeded',
  NOT_FOUND: 'NotFound',
  ALREADY_EXISTS: 'AlreadyExists',
  PERMISSION_DENIED: 'PermissionDenied',
  RESOURCE_EXHAUSTED: 'ResourceExhausted',
  FAILED_PRECONDITION: 'FailedPrecondition',
  ABORTED: 'Aborted',
  OUT_OF_RANGE: 'OutOfRange',
  UNIMPLEMENTED: 'Unimplemented',
  INTERNAL: 'Internal',
  UNAVAILABLE: 'Unavailable',
  DATA_LOSS: 'DataLoss',
  UNAUTHENTICATED: 'Unauthenticated',
} as const;

const fromRuntime = (message: string) => ({ abort: { code: 'INTERNAL', message } });

export const messageSpecs = group('kubelet/messages', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'unknown-names-are-told-apart',
    title: 'A 404 says whether the pod or the container does not exist',
    source: observed('no-container'),
    mutants: { 'kubelet-404-says-nothing': 'message', 'kubelet-namespace-not-compared': 'message' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      for (const name of [
        { ...running, pod: ABSENT },
        { ...running, namespace: ABSENT },
      ]) {
        expectEqual(
          'message',
          (await checkpoint(name)).body,
          'pod does not exist',
          'The body of the response to a request for an unknown pod or namespace',
        );
      }
      const answer = await checkpoint({ ...running, container: ABSENT });
      expectEqual(
        'message',
        answer.body,
        `container ${ABSENT} does not exist`,
        'The body of the response to a request for an unknown container',
      );
    },
  },
  {
    id: 'errors-are-plain-text',
    title: 'Error responses are plain text in UTF-8',
    source: observed('no-pod'),
    mutants: {
      'kubelet-errors-are-json': 'content-type',
      'kubelet-timeout-garbage-accepted': 'content-type',
      'kubelet-exited-is-success': 'content-type',
    },
    async check({ node }) {
      const { checkpoint, request, running, exited } = await node();
      for (const answer of [
        await checkpoint({ ...running, pod: ABSENT }),
        await checkpoint(exited),
        await checkpoint(running, 'timeout=abc'),
        await request({ method: 'POST', target: '/checkpoint/', credentials: 'none' }),
      ]) {
        expectEqual(
          'content-type',
          answer.headers['content-type'],
          'text/plain; charset=utf-8',
          'The content type of an error response',
        );
      }
    },
  },
  {
    id: 'success-body',
    title: 'The body of a 200 is a JSON object that contains only the list items',
    source: observed('ok'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-success-says-more': 'body', 'kubelet-empty-items': 'body', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      const answer = await checkpoint(running);
      expectStatus(answer, 200, 'A checkpoint request');
      const actual = `The body of a successful response is not an object with only the list items: ${show(answer.body)}`;
      expectThat('body', containsOnlyItems(answer.body), '{"items":["<path>"]}', actual);
    },
  },
  {
    id: 'every-code-is-named',
    title: "A 500 contains the name of the runtime's gRPC code, for each of the 16 error codes",
    source: observed('criu-missing'),
    needs: ['runtime-faults'],
    mutants: {
      'kubelet-code-dropped': 'message',
      'kubelet-runtime-away-is-503': 'status',
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
      'kubelet-not-found-of-runtime-is-404': 'status',
      'kubelet-unimplemented-is-501': 'status',
      'kubelet-deadline-is-504': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      for (const [code, name] of Object.entries(CODES)) {
        const message = `made up: ${name}`;
        const answer = await whileRuntime({ abort: { code, message } }, () => checkpoint(running));
        expectStatus(answer, 500, `A checkpoint that the runtime failed with ${code}`);
        expectBodyContains(
          answer,
          `(rpc error: code = ${name} desc = ${message})`,
          `A checkpoint that the runtime failed with ${code}`,
        );
      }
    },
  },
  {
    id: 'long-messages-are-whole',
    title: 'A runtime message of several kilobytes is passed on in full',
    level: 'documented',
    source: sentence('D27'),
    needs: ['runtime-faults'],
    mutants: {
      'kubelet-messages-cut': 'message',
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      for (const length of [2_000, 2_100, 6_000]) {
        const message = `made up: ${'x'.repeat(length)} end`;
        const answer = await whileRuntime(fromRuntime(message), () => checkpoint(running));
        expectStatus(answer, 500, `A checkpoint that the runtime failed with a message of ${length} characters`);
        expectBodyContains(
          answer,
          message,
          `A checkpoint that the runtime failed with a message of ${length} characters`,
        );
      }
    },
  },
  {
    id: 'odd-messages-are-unchanged',
    title: 'Special characters in a runtime message are passed on unchanged',
    level: 'documented',
    source: sentence('D27'),
    needs: ['runtime-faults'],
    mutants: {
      'kubelet-messages-escaped': 'message',
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      const message = 'made up: "one" \'two\'\nthree\tfour\r\n100% %s %41 <b>&amp;</b> \\n żółć 封';
      const answer = await whileRuntime(fromRuntime(message), () => checkpoint(running));
      expectStatus(answer, 500, 'A checkpoint that the runtime failed with a message of special characters');
      expectBodyContains(answer, message, 'A checkpoint that the runtime failed with a message of special characters');
    },
  },
  {
    id: 'nothing-of-an-error-stays',
    title: 'After an error of the runtime the next checkpoint succeeds',
    level: 'hardening',
    source: sentence('D27'),
    needs: ['runtime-faults', 'checkpoint'],
    mutants: {
      'kubelet-stays-failed': 'status',
      'kubelet-success-is-201': 'status',
      'kubelet-runtime-error-is-502': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      expectStatus(
        await whileRuntime(fromRuntime('made up: once'), () => checkpoint(running)),
        500,
        'A checkpoint that the runtime failed',
      );
      expectStatus(await checkpoint(running), 200, 'The next checkpoint after one that the runtime failed');
    },
  },
]);
