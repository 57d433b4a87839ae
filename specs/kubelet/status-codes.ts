// Rules about the documented status codes: 200, 404 if a name is unknown, 500 for errors of the runtime.

import path from 'node:path';
import { archiveFault } from '../archive-file/reader';
import { observed, sentence } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { archivePath } from '../steps/kubelet-answer';
import { expectBodyContains, expectRefused, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';

const ABSENT = 'ckptest-absent';

/** Error codes of the runtime. Unimplemented and DeadlineExceeded have separate rules. */
const RUNTIME_CODES = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** gRPC's messages for "not implemented": for a known method and for an unknown method. */
const UNIMPLEMENTED_WORDINGS = [
  'method CheckpointContainer not implemented',
  'unknown method CheckpointContainer for service runtime.v1.RuntimeService',
];

const NOT_FOUND_MUTANTS = { 'kubelet-unknown-name-is-400': 'status' };

export const statusCodeSpecs = group('kubelet/status-codes', { level: 'documented', needs: ['kubelet'] }, [
  {
    id: 'success-is-200',
    title: 'A successful checkpoint gets 200',
    source: sentence('D23'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { checkpoint, other } = await node();
      expectStatus(await checkpoint(other), 200, 'A successful checkpoint');
    },
  },
  {
    id: 'success-leaves-the-archive',
    title: 'After a 200 the archive exists at the path in the response',
    source: sentence('D23'),
    needs: ['checkpoint', 'files'],
    mutants: {
      'kubelet-success-is-201': 'status',
      'kubelet-empty-items': 'items',
      'kubelet-answers-before-the-archive': 'archive',
      'kubelet-answers-another-path': 'archive',
      ...UNREADABLE,
    },
    async check({ node }) {
      const { checkpoint, running, local } = await node();
      const answer = await checkpoint(running);
      expectStatus(answer, 200, 'A checkpoint request');
      const file = local(archivePath(answer));
      const fault = await archiveFault(file);
      const actual = `The kubelet responded with 200, but ${path.basename(file)} is not a complete archive: ${fault}`;
      expectThat('archive', fault === undefined, 'a complete tar archive at the path in the response', actual);
    },
  },
  {
    id: 'success-names-one-archive',
    title: 'The body of a 200 is JSON whose items list contains the path of the archive',
    level: 'observed',
    source: observed('ok'),
    needs: ['checkpoint'],
    mutants: {
      'kubelet-success-is-201': 'status',
      'kubelet-empty-items': 'items',
      'kubelet-answers-plain-text': 'content-type',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      const answer = await checkpoint(running);
      expectStatus(answer, 200, 'A checkpoint request');
      const type = answer.headers['content-type'] ?? 'none';
      expectThat(
        'content-type',
        type.startsWith('application/json'),
        'application/json',
        `The content type of the response is ${type}`,
      );
      archivePath(answer);
    },
  },
  {
    id: 'unknown-namespace-is-404',
    title: 'A request for an unknown namespace gets 404',
    source: sentence('D26'),
    mutants: {
      ...NOT_FOUND_MUTANTS,
      'kubelet-unknown-pod-is-500': 'status',
      'kubelet-namespace-not-compared': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(await checkpoint({ ...running, namespace: ABSENT }), 404, 'A request for an unknown namespace');
    },
  },
  {
    id: 'unknown-pod-is-404',
    title: 'A request for an unknown pod gets 404',
    source: sentence('D26'),
    mutants: { ...NOT_FOUND_MUTANTS, 'kubelet-unknown-pod-is-500': 'status' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(await checkpoint({ ...running, pod: ABSENT }), 404, 'A request for an unknown pod');
    },
  },
  {
    id: 'unknown-container-is-404',
    title: 'A request for an unknown container gets 404',
    source: sentence('D26'),
    mutants: { ...NOT_FOUND_MUTANTS, 'kubelet-unknown-container-is-500': 'status' },
    async check({ node }) {
      const { checkpoint, running } = await node();
      expectStatus(await checkpoint({ ...running, container: ABSENT }), 404, 'A request for an unknown container');
    },
  },
  {
    id: 'nothing-known-is-404',
    title: 'A request whose namespace, pod and container are all unknown gets 404',
    source: sentence('D26'),
    mutants: { ...NOT_FOUND_MUTANTS, 'kubelet-unknown-pod-is-500': 'status' },
    async check({ node }) {
      const { checkpoint } = await node();
      expectStatus(
        await checkpoint({ namespace: ABSENT, pod: ABSENT, container: ABSENT }),
        404,
        'A request for an unknown namespace, pod and container',
      );
    },
  },
  {
    id: 'container-of-another-pod-is-404',
    title: 'A request for a container that only another pod has gets 404',
    source: sentence('D26'),
    mutants: {
      ...NOT_FOUND_MUTANTS,
      'kubelet-unknown-container-is-500': 'status',
      'kubelet-container-of-any-pod': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, other } = await node();
      expectStatus(
        await checkpoint({ ...running, container: other.container }),
        404,
        'A request for a container that only another pod has',
      );
    },
  },
  {
    id: 'not-running-is-refused',
    title: 'A checkpoint of a container that is not running is refused',
    source: sentence('D2'),
    mutants: { 'kubelet-exited-is-success': 'refused' },
    async check({ node }) {
      const { checkpoint, exited, exitedInit, neverCreated } = await node();
      for (const name of [exited, exitedInit, neverCreated])
        expectRefused(await checkpoint(name), `A request for the container ${name.container}, which is not running,`);
    },
  },
  {
    id: 'not-running-is-500',
    title: 'A request for a known container that is not running gets 500, not 404',
    level: 'observed',
    source: observed('init-container-exited'),
    mutants: { 'kubelet-exited-is-success': 'status', 'kubelet-exited-is-404': 'status' },
    async check({ node }) {
      const { checkpoint, exited, exitedInit, neverCreated } = await node();
      for (const name of [exited, exitedInit, neverCreated]) {
        const answer = await checkpoint(name);
        expectStatus(answer, 500, `A request for the container ${name.container}, which is not running,`);
        expectBodyContains(
          answer,
          `container ${name.container} not found`,
          `A request for the container ${name.container}, which is not running,`,
        );
      }
    },
  },
  {
    id: 'runtime-error-is-500',
    title: "If the runtime returns an error, the request gets 500 with the runtime's message in the body",
    source: sentence('D27'),
    needs: ['runtime-faults'],
    mutants: {
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
      'kubelet-not-found-of-runtime-is-404': 'status',
      'kubelet-runtime-away-is-503': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      for (const code of RUNTIME_CODES) {
        const message = `made up: dumping failed (${code}) "quoted" 100%`;
        const answer = await whileRuntime({ abort: { code, message } }, () => checkpoint(running));
        expectStatus(answer, 500, `A checkpoint that the runtime failed with ${code}`);
        expectBodyContains(answer, message, `A checkpoint that the runtime failed with ${code}`);
      }
    },
  },
  {
    id: 'runtime-error-body',
    title: "The body of a 500 contains the container's name, the gRPC code and the message in grpc-go's format",
    level: 'observed',
    source: observed('cri-down'),
    needs: ['runtime-faults'],
    mutants: {
      'kubelet-runtime-error-is-502': 'message',
      'kubelet-runtime-message-dropped': 'message',
      'kubelet-not-found-of-runtime-is-404': 'message',
      'kubelet-code-dropped': 'message',
    },
    async check({ node }) {
      const message = 'made up: no such thing';
      const { checkpoint, running, whileRuntime } = await node();
      const answer = await whileRuntime({ abort: { code: 'NOT_FOUND', message } }, () => checkpoint(running));
      const name = `${running.namespace}/${running.pod}/${running.container}`;
      const expected = `checkpointing of ${name} failed (rpc error: code = NotFound desc = ${message})`;
      const actual = `A checkpoint that the runtime failed got HTTP ${answer.status} with the body ${show(answer.body)}`;
      expectThat(
        'message',
        answer.status === 500 && answer.body === expected,
        `HTTP 500 with the body ${expected}`,
        actual,
      );
    },
  },
  {
    id: 'unimplemented-is-500',
    title: "If the runtime does not implement CheckpointContainer, the request gets 500 with the runtime's message",
    source: sentence('D28'),
    needs: ['runtime-faults'],
    mutants: {
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
      'kubelet-unimplemented-is-501': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      for (const message of UNIMPLEMENTED_WORDINGS) {
        const answer = await whileRuntime({ abort: { code: 'UNIMPLEMENTED', message } }, () => checkpoint(running));
        expectStatus(answer, 500, 'A checkpoint that the runtime does not implement');
        expectBodyContains(answer, message, 'A checkpoint that the runtime does not implement');
      }
    },
  },
  {
    id: 'refusal-is-500',
    title: "If the node's runtime refuses the checkpoint, the request gets 500 with the runtime's message",
    source: sentence('D28'),
    needs: ['refusal'],
    mutants: {
      'kubelet-runtime-error-is-502': 'status',
      'kubelet-runtime-message-dropped': 'message',
      'kubelet-unimplemented-is-501': 'status',
    },
    async check({ node }) {
      const { checkpoint, running, whileRuntime } = await node();
      const answer = await whileRuntime('refuses', () => checkpoint(running));
      expectStatus(answer, 500, 'A checkpoint that the runtime refused');
      expectBodyContains(answer, 'CheckpointContainer', 'A checkpoint that the runtime refused');
    },
  },
]);
