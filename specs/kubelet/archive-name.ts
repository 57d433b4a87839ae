// Rules about the file name of the archive: checkpoint-<podFullName>-<containerName>-<timestamp>.tar.

import path from 'node:path';
import { observed, sentence } from '../catalogue/sources';
import { archivePath, kubeletTime } from '../steps/kubelet-answer';
import { expectCalls } from '../steps/kubelet-request';
import { expectStatus, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { ContainerName, Node } from '../subject/subject';

const NEVER_200 = {
  'kubelet-success-is-201': 'status',
  'kubelet-empty-items': 'items',
};

/** RFC 3339 with any time zone. */
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Tolerance for comparing two times in whole seconds, milliseconds. The Date header may have the time at which the
 * request ended.
 */
const CLOCK_STEP_MS = 2000;

async function archiveName(node: Node, name: ContainerName): Promise<string> {
  const answer = await node.checkpoint(name);
  expectStatus(answer, 200, 'A checkpoint request');
  return path.basename(archivePath(answer));
}

export const archiveNameSpecs = group(
  'kubelet/archive-name',
  { level: 'documented', needs: ['kubelet', 'checkpoint'] },
  [
    {
      id: 'has-the-documented-parts',
      title: 'The archive is named checkpoint-<podFullName>-<containerName>-<timestamp>.tar',
      source: sentence('D12'),
      mutants: {
        ...NEVER_200,
        'kubelet-name-without-container': 'parts',
        'kubelet-name-without-pod': 'parts',
        'kubelet-name-ends-in-tgz': 'parts',
        'kubelet-name-without-prefix': 'parts',
      },
      async check({ node }) {
        const usual = await node();
        for (const name of [usual.running, usual.other]) {
          const file = await archiveName(usual, name);
          const [prefix, suffix] = ['checkpoint-', '.tar'];
          const holds =
            file.startsWith(`${prefix}${name.pod}`) && file.includes(`-${name.container}-`) && file.endsWith(suffix);
          expectThat(
            'parts',
            holds,
            `checkpoint-${name.pod}...-${name.container}-<timestamp>.tar`,
            `The archive is named ${file}`,
          );
        }
      },
    },
    {
      id: 'full-name-is-pod-and-namespace',
      title: "The podFullName in the archive's name is <pod>_<namespace>",
      level: 'observed',
      source: observed('ok'),
      mutants: {
        ...NEVER_200,
        'kubelet-name-without-container': 'name',
        'kubelet-name-without-pod': 'name',
        'kubelet-name-without-namespace': 'name',
        'kubelet-name-without-prefix': 'name',
      },
      async check({ node }) {
        const usual = await node();
        for (const name of [usual.running, usual.other]) {
          const file = await archiveName(usual, name);
          const start = `checkpoint-${name.pod}_${name.namespace}-${name.container}-`;
          expectThat('name', file.startsWith(start), `${start}<timestamp>.tar`, `The archive is named ${file}`);
        }
      },
    },
    {
      id: 'timestamp-is-rfc3339',
      title: "The timestamp in the archive's name has the format of RFC 3339",
      level: 'observed',
      source: observed('ok'),
      mutants: {
        ...NEVER_200,
        'kubelet-timestamp-is-unix-time': 'timestamp',
        'kubelet-name-without-container': 'timestamp',
        'kubelet-name-without-namespace': 'timestamp',
        'kubelet-name-without-pod': 'timestamp',
        'kubelet-name-ends-in-tgz': 'timestamp',
        'kubelet-name-without-prefix': 'timestamp',
      },
      async check({ node }) {
        const usual = await node();
        const { pod, namespace, container } = usual.running;
        const file = await archiveName(usual, usual.running);
        const start = `checkpoint-${pod}_${namespace}-${container}-`;
        const stamp = file.startsWith(start) && file.endsWith('.tar') ? file.slice(start.length, -'.tar'.length) : file;
        const actual = `The timestamp in the name of the archive is not a time of RFC 3339: ${stamp}`;
        expectThat('timestamp', RFC3339.test(stamp), 'a time such as 2026-01-31T23:59:59Z', actual);
      },
    },
    {
      id: 'asked-is-answered',
      title: 'The path in the response is the location that the kubelet gave to the runtime',
      source: sentence('D12'),
      needs: ['call-log'],
      mutants: {
        ...NEVER_200,
        'kubelet-asks-runtime-twice': 'calls',
        'kubelet-answers-another-path': 'location',
      },
      async check({ node }) {
        const { checkpoint, checkpointsDuring, running } = await node();
        let answered = '';
        const calls = await checkpointsDuring(async () => {
          const answer = await checkpoint(running);
          expectStatus(answer, 200, 'A checkpoint request');
          answered = archivePath(answer);
        });
        expectCalls(calls, 1, 'One checkpoint request');
        const location = calls[0]?.request.location;
        const actual = `The response names the archive ${answered}, but the runtime was asked to write ${location}`;
        expectThat('location', location === answered, 'the same path in both', actual);
      },
    },
    {
      id: 'timestamp-is-the-time-of-the-request',
      title: "The timestamp in the archive's name is the time of the request on the kubelet's clock",
      level: 'observed',
      source: observed('ok'),
      mutants: {
        'kubelet-timestamp-of-another-day': 'time',
        'kubelet-empty-items': 'items',
        'kubelet-success-is-201': 'status',
        'kubelet-name-ends-in-tgz': 'time',
        'kubelet-timestamp-is-unix-time': 'time',
        'kubelet-answers-another-path': 'time',
      },
      async check({ node }) {
        const { checkpoint, running } = await node();
        const answer = await checkpoint(running);
        expectStatus(answer, 200, 'A checkpoint request');
        const stamp = /\d{4}-\d{2}-\d{2}T[^/]*(?=\.tar$)/.exec(archivePath(answer))?.[0] ?? '';
        const now = kubeletTime(answer);
        const apart = Math.abs(now - Date.parse(stamp));
        const longest = Math.ceil(answer.milliseconds) + CLOCK_STEP_MS;
        const named = stamp || 'no time that can be read';
        const actual = `The name of the archive has ${named}, but at the request the time was ${new Date(now).toISOString()}`;
        expectThat('time', apart <= longest, `a time at most ${longest / 1000} s away`, actual);
      },
    },
  ],
);
