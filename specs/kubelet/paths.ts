// Rules about parsing the path: the kubelet cleans, splits and unescapes it before it looks up a pod.

import { observed, sentence } from '../catalogue/sources';
import { ABSENT, checkpointPath, expectCalls, expectLocation } from '../steps/kubelet-request';
import { expectBodyContains, expectNoSuccess, expectStatus } from '../subject/expect';
import { group } from '../subject/spec';

/** Percent-encodes every character of a name. */
const escaped = (name: string) =>
  [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

export const pathSpecs = group('kubelet/paths', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'unclean-is-redirected',
    title: 'A request whose path has empty segments, . or .. is redirected to the clean path with 307',
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
        expectStatus(answer, 307, `A POST request for ${target}`);
        expectLocation(answer, location, target);
      }
    },
  },
  {
    id: 'redirect-keeps-the-query',
    title: 'The redirect to the clean path keeps the query',
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
      expectLocation(answer, target, `/${target}`);
    },
  },
  {
    id: 'bare-prefix-is-redirected',
    title: 'A request for /checkpoint is redirected to /checkpoint/ with 307',
    source: observed('route-root'),
    mutants: { 'kubelet-cleans-paths-itself': 'status', 'kubelet-redirects-with-301': 'status' },
    async check({ node }) {
      const { request } = await node();
      const answer = await request({ method: 'POST', target: '/checkpoint' });
      expectStatus(answer, 307, 'A POST request for /checkpoint');
      expectLocation(answer, '/checkpoint/', '/checkpoint');
    },
  },
  {
    id: 'wrong-number-of-parts-is-404',
    title: 'A request whose path has fewer or more than three segments after /checkpoint/ gets 404',
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
        expectStatus(await request({ method: 'POST', target }), 404, `A POST request for ${target}`);
      }
    },
  },
  {
    id: 'extra-parts-checkpoint-nothing',
    title: 'A request with an extra path segment after the container checkpoints nothing',
    level: 'hardening',
    source: sentence('D17'),
    needs: ['call-log'],
    mutants: { 'kubelet-extra-parts-ignored': 'calls' },
    async check({ node }) {
      const { request, running, checkpointsDuring } = await node();
      const calls = await checkpointsDuring(() =>
        request({ method: 'POST', target: `${checkpointPath(running)}/extra` }),
      );
      expectCalls(calls, 0, 'A request with an extra path segment after the container');
    },
  },
  {
    id: 'trailing-slash-is-served',
    title: 'A trailing slash after the container makes no difference',
    source: observed('ok-trailing-slash'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-trailing-slash-is-404': 'status', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      expectStatus(
        await request({ method: 'POST', target: `${checkpointPath(running)}/` }),
        200,
        'A checkpoint request with a trailing slash',
      );
    },
  },
  {
    id: 'escapes-are-undone',
    title: 'The names in the path may be percent-encoded',
    source: observed('ok-escaped-dash'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-escapes-kept': 'status', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const { namespace, pod, container } = running;
      const target = `/checkpoint/${escaped(namespace)}/${escaped(pod)}/${escaped(container)}`;
      expectStatus(await request({ method: 'POST', target }), 200, 'A checkpoint request with percent-encoded names');
    },
  },
  {
    id: 'escapes-are-undone-once',
    title: 'Percent-encoding is decoded only once',
    source: observed('ok-escaped-dash'),
    mutants: {
      'kubelet-escapes-undone-twice': 'status',
      'kubelet-unknown-container-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
    },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath({ ...running, container: escaped(running.container).replaceAll('%', '%25') });
      expectStatus(
        await request({ method: 'POST', target }),
        404,
        'A request whose container name is percent-encoded twice',
      );
    },
  },
  {
    id: 'unknown-names-come-back-unescaped',
    title: 'The 404 for an unknown container contains its name in decoded form',
    source: observed('container-unicode'),
    mutants: {
      'kubelet-escapes-kept': 'message',
      'kubelet-unknown-container-is-500': 'status',
      'kubelet-unknown-name-is-400': 'status',
      'kubelet-404-says-nothing': 'message',
    },
    async check({ node }) {
      const { request, running } = await node();
      for (const [containerInPath, name] of [
        ['%C3%A9', 'é'],
        ['a%20b', 'a b'],
        ['%E2%98%83x', '☃x'],
      ] as const) {
        const answer = await request({
          method: 'POST',
          target: checkpointPath({ ...running, container: containerInPath }),
        });
        expectStatus(answer, 404, `A request for the unknown container ${name}`);
        expectBodyContains(answer, `container ${name} does not exist`, `A request for the unknown container ${name}`);
      }
    },
  },
  {
    id: 'names-are-compared-exactly',
    title:
      'A request gets 404 if a name in its path differs in upper or lower case or is only a prefix of the real name',
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
        expectStatus(
          await checkpoint(name),
          404,
          `A request for ${name.pod}/${name.container}, which differs from an existing name only in case or length,`,
        );
      }
    },
  },
  {
    id: 'prefix-is-lower-case',
    title: 'The path prefix is case-sensitive: a request for /Checkpoint/ gets 404',
    source: observed('route-case'),
    mutants: { 'kubelet-prefix-ignores-case': 'status', 'kubelet-unknown-path-is-401': 'status' },
    async check({ node }) {
      const { request, running } = await node();
      const target = checkpointPath(running).replace('/checkpoint/', '/Checkpoint/');
      expectStatus(await request({ method: 'POST', target }), 404, 'A request for /Checkpoint/ with a capital C');
    },
  },
  {
    id: 'unknown-path-is-404-to-everybody',
    title: 'A request for an unknown path gets 404, with and without credentials',
    source: observed('route-unknown'),
    mutants: { 'kubelet-unknown-path-is-401': 'status' },
    async check({ node }) {
      const { request } = await node();
      for (const credentials of ['allowed', 'none'] as const) {
        expectStatus(
          await request({ target: `/${ABSENT}`, credentials }),
          404,
          `A request for an unknown path ${credentials === 'none' ? 'without' : 'with'} credentials`,
        );
      }
    },
  },
  {
    id: 'path-of-a-name-stays-a-name',
    title: 'A request with an escaped slash, dots or a NUL byte in a name does not succeed and checkpoints nothing',
    level: 'hardening',
    source: sentence('D26'),
    needs: ['call-log'],
    mutants: { 'kubelet-names-end-at-nul': 'not-success', 'kubelet-asks-before-lookup': 'calls' },
    async check({ node }) {
      const { request, running, checkpointsDuring } = await node();
      const calls = await checkpointsDuring(async () => {
        for (const container of ['..%2F..%2Fetc', '%2e%2e', `${running.container}%2F..`, `${running.container}%00`]) {
          const answer = await request({ method: 'POST', target: checkpointPath({ ...running, container }) });
          expectNoSuccess(answer, `A request for the container ${container}`);
        }
      });
      expectCalls(calls, 0, 'Requests for names with a slash, dots or a NUL byte');
    },
  },
]);
