// How a path is read before anything is looked up: cleaned, split, unescaped.

import { observed, sentence } from '../catalogue/sources';
import { ABSENT, checkpointPath } from '../steps/kubelet-request';
import { expectBodyContains, expectEqual, expectStatus, expectThat } from '../subject/expect';
import { group } from '../subject/spec';

/** Every character of a name as its escape. */
const escaped = (name: string) =>
  [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

export const paths = group('kubelet/paths', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'unclean-is-redirected',
    title: 'A path with empty parts, . or .. is 307 to the clean one and checkpoints nothing',
    source: observed('route-double-slash-front'),
    mutants: {
      'kubelet-pod-optional': 'status',
      'kubelet-cleans-paths-itself': 'status',
      'kubelet-redirects-with-301': 'status',
      'kubelet-extra-parts-ignored': 'location',
    },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      const clean = checkpointPath(running);
      const rows = [
        [`/${clean}`, clean],
        [`/checkpoint/./${namespace}/${pod}/${container}`, clean],
        [`/checkpoint/${namespace}/x/../${pod}/${container}`, clean],
        [`/checkpoint//${pod}/${container}`, `/checkpoint/${pod}/${container}`],
        [`/checkpoint/${namespace}//${container}`, `/checkpoint/${namespace}/${container}`],
      ] as const;
      for (const [target, location] of rows) {
        const answer = await request({ method: 'POST', target });
        expectStatus(answer, 307);
        expectEqual('location', answer.headers['location'], location);
      }
    },
  },
  {
    id: 'redirect-keeps-the-query',
    title: 'The clean path that an unclean one is sent to keeps the query',
    source: observed('route-double-slash-front'),
    mutants: {
      'kubelet-cleans-paths-itself': 'location',
      'kubelet-redirects-lose-the-query': 'location',
      'kubelet-unknown-parameters-are-400': 'location',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = `${checkpointPath(running)}?foo=bar`;
      const answer = await request({ method: 'POST', target: `/${target}` });
      expectEqual('location', answer.headers['location'], target);
    },
  },
  {
    id: 'bare-prefix-is-redirected',
    title: 'The prefix without its slash is 307 to the prefix with it',
    source: observed('route-root'),
    mutants: { 'kubelet-cleans-paths-itself': 'status', 'kubelet-redirects-with-301': 'status' },
    async check({ node }) {
      const { request } = await node();
      const answer = await request({ method: 'POST', target: '/checkpoint' });
      expectStatus(answer, 307);
      expectEqual('location', answer.headers['location'], '/checkpoint/');
    },
  },
  {
    id: 'wrong-number-of-parts-is-404',
    title: 'With fewer or more parts than three the answer is 404',
    source: observed('route-two-segments'),
    mutants: {
      'kubelet-container-optional': 'status',
      'kubelet-extra-parts-ignored': 'status',
      'kubelet-wrong-parts-are-400': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod } = running;
      const clean = checkpointPath(running);
      for (const target of [
        '/checkpoint/',
        `/checkpoint/${namespace}`,
        `/checkpoint/${namespace}/${pod}`,
        `/checkpoint/${namespace}/${pod}/`,
        `${clean}/extra`,
        `${clean}/extra/parts`,
      ]) {
        expectStatus(await request({ method: 'POST', target }), 404);
      }
    },
  },
  {
    id: 'extra-parts-checkpoint-nothing',
    title: 'A path that goes on behind the container checkpoints nothing',
    level: 'hardening',
    source: sentence('D17'),
    needs: ['call-log'],
    mutants: { 'kubelet-extra-parts-ignored': 'calls' },
    async check({ node }) {
      const { request, running, checkpointsDuring } = await node();
      const calls = await checkpointsDuring(() =>
        request({ method: 'POST', target: `${checkpointPath(running)}/extra` }),
      );
      expectEqual('calls', calls.length, 0);
    },
  },
  {
    id: 'trailing-slash-is-served',
    title: 'A slash behind the container changes nothing',
    source: observed('ok-trailing-slash'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-trailing-slash-is-404': 'status', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      expectStatus(await request({ method: 'POST', target: `${checkpointPath(running)}/` }), 200);
    },
  },
  {
    id: 'escapes-are-undone',
    title: 'Names may be percent-encoded',
    source: observed('ok-escaped-dash'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-escapes-kept': 'status', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      const target = `/checkpoint/${escaped(namespace)}/${escaped(pod)}/${escaped(container)}`;
      expectStatus(await request({ method: 'POST', target }), 200);
    },
  },
  {
    id: 'escapes-are-undone-once',
    title: 'What an escape stands for is not unescaped again',
    source: observed('ok-escaped-dash'),
    mutants: {
      'kubelet-escapes-undone-twice': 'status',
      'kubelet-unknown-container-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath({ ...running, container: escaped(running.container).replaceAll('%', '%25') });
      expectStatus(await request({ method: 'POST', target }), 404);
    },
  },
  {
    id: 'unknown-names-come-back-unescaped',
    title: 'The 404 of an unknown container has its name with escapes undone',
    source: observed('container-unicode'),
    mutants: {
      'kubelet-escapes-kept': 'message',
      'kubelet-unknown-container-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
      'kubelet-404-says-nothing': 'message',
    },
    async check({ node }) {
      const { request, running } = await node();
      for (const [asked, name] of [
        ['%C3%A9', 'é'],
        ['a%20b', 'a b'],
        ['%E2%98%83x', '☃x'],
      ] as const) {
        const answer = await request({ method: 'POST', target: checkpointPath({ ...running, container: asked }) });
        expectStatus(answer, 404);
        expectBodyContains(answer, `container ${name} does not exist`);
      }
    },
  },
  {
    id: 'names-are-compared-exactly',
    title: 'Names that differ in case, or are only the beginning of one, cannot be found',
    level: 'documented',
    source: sentence('D26'),
    mutants: {
      'kubelet-names-by-beginning': 'status',
      'kubelet-names-ignore-case': 'status',
      'kubelet-unknown-pod-is-500': 'status',
      'kubelet-unknown-container-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
    },
    async check({ node }) {
      const { checkpoint, running } = await node();
      const shorter = (name: string) => name.slice(0, -1);
      for (const name of [
        { ...running, container: running.container.toUpperCase() },
        { ...running, container: shorter(running.container) },
        { ...running, pod: running.pod.toUpperCase() },
        { ...running, pod: shorter(running.pod) },
      ]) {
        expectStatus(await checkpoint(name), 404);
      }
    },
  },
  {
    id: 'prefix-is-lower-case',
    title: 'The prefix in another case is an unknown path',
    source: observed('route-case'),
    mutants: { 'kubelet-prefix-ignores-case': 'status', 'kubelet-unknown-path-is-401': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath(running).replace('/checkpoint/', '/Checkpoint/');
      expectStatus(await request({ method: 'POST', target }), 404);
    },
  },
  {
    id: 'unknown-path-is-404-to-everybody',
    title: 'A path that nothing stands behind is 404, with credentials and without',
    source: observed('route-unknown'),
    mutants: { 'kubelet-unknown-path-is-401': 'status' },
    async check({ node }) {
      const { request } = await node();
      for (const credentials of ['allowed', 'none'] as const) {
        expectStatus(await request({ target: `/${ABSENT}`, credentials }), 404);
      }
    },
  },
  {
    id: 'path-of-a-name-stays-a-name',
    title: 'A name with an escaped slash or with dots names nothing outside: it cannot be found',
    level: 'hardening',
    source: sentence('D26'),
    needs: ['call-log'],
    mutants: { 'kubelet-names-end-at-nul': 'not-success', 'kubelet-asks-before-lookup': 'calls' },
    async check({ node }) {
      const { request, running, checkpointsDuring } = await node();
      const calls = await checkpointsDuring(async () => {
        for (const container of ['..%2F..%2Fetc', '%2e%2e', `${running.container}%2F..`, `${running.container}%00`]) {
          const answer = await request({ method: 'POST', target: checkpointPath({ ...running, container }) });
          expectThat('not-success', answer.status >= 300, 'anything but success', answer.status);
        }
      });
      expectEqual('calls', calls.length, 0);
    },
  },
]);
