// Broken kubelets, in what they ask of their runtime: which container, how often, and where the archive goes.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { CriRequest, CriResponse } from '../../../../proto/load';
import { onMethod } from '../../../base/cri-call';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { answeredPath } from '../../effects/http-effects';
import { extraCheckpoints } from './extra-checkpoints';

const UNKNOWN_NAME = /does not exist$/;
const FORBIDDEN = /^Forbidden/;
const NOT_RUNNING = /\(container .* not found\)$/s;

/** Another location of the archive, asked of the runtime and answered alike. */
const location = (change: (location: string) => string): Effects => ({
  kubeletCri: onMethod('CheckpointContainer', (call, next) =>
    next({ ...call, request: { ...call.request, location: change(call.request.location) } }),
  ),
  http: answeredPath(change),
});
/** Another name in the same directory. */
const fileName = (change: (name: string) => string) =>
  location((file) => path.join(path.dirname(file), change(path.basename(file))));

/** Asks the runtime although the request is refused in this way. */
function straying(status: number, body: RegExp): Effects {
  const { kubeletCri, ask } = extraCheckpoints();
  return {
    kubeletCri,
    http: async (request, next) => {
      const response = await next(request);
      if (response.status === status && body.test(response.body)) await ask(request.signal);
      return response;
    },
  };
}

const kubeletCri = {
  'kubelet-asks-runtime-twice': [
    'asks for every checkpoint twice',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', async (call, next) => {
        await next(call);
        return next(call);
      }),
    }),
  ],
  'kubelet-wrong-container': [
    'asks for another running container than it was asked for',
    () => ({
      kubeletCri: async (call, next) => {
        if (call.method !== 'CheckpointContainer') return next(call);
        const { container_id: asked } = call.request as CriRequest<'CheckpointContainer'>;
        const filter = {
          id: '',
          state: { state: 'CONTAINER_RUNNING' as const },
          pod_sandbox_id: '',
          label_selector: {},
        };
        const list = (await next({
          ...call,
          method: 'ListContainers',
          request: { filter },
        })) as CriResponse<'ListContainers'>;
        const other = list.containers.find(({ id }) => id !== asked)?.id ?? asked;
        return next({
          ...call,
          request: { ...call.request, container_id: other } as CriRequest<'CheckpointContainer'>,
        });
      },
    }),
  ],
  'kubelet-asks-before-lookup': ['asks the runtime before it knows the pod', () => straying(404, UNKNOWN_NAME)],
  'kubelet-asks-before-authorization': ['asks the runtime before it knows who may', () => straying(403, FORBIDDEN)],
  'kubelet-asks-for-what-does-not-run': [
    'asks the runtime for a container that does not run',
    () => straying(500, NOT_RUNNING),
  ],
} satisfies DeviationTable;

const archives = {
  'kubelet-name-without-container': [
    'leaves the container out of the name',
    () => fileName((name) => name.replace(/-(count|main)-/, '-')),
  ],
  'kubelet-name-without-pod': [
    'leaves the pod out of the name',
    () => fileName((name) => name.replace(/^checkpoint-.*?_/, 'checkpoint-')),
  ],
  'kubelet-name-without-namespace': [
    'leaves the namespace out of the name',
    () => fileName((name) => name.replace(/_[^-]*/, '')),
  ],
  'kubelet-name-without-prefix': [
    'leaves checkpoint- out of the name',
    () => fileName((name) => name.replace('checkpoint-', '')),
  ],
  'kubelet-name-ends-in-tgz': [
    'names the archive as if it were compressed',
    () => fileName((name) => name.replace(/tar$/, 'tgz')),
  ],
  'kubelet-timestamp-is-unix-time': [
    'writes the time as a number',
    () => fileName((name) => name.replace(/\d{4}-\d\d-\d\dT.*\.tar$/, '1767225600.tar')),
  ],
  'kubelet-answers-another-path': [
    'answers another path than it asked for',
    () => ({ http: answeredPath((file) => file.replace(/-\d{4}(-\d\d-\d\dT[^/]*)$/, '-2001$1')) }),
  ],
  'kubelet-stores-in-root-directory': [
    'stores archives in the root directory itself',
    () => location((file) => path.join(path.dirname(path.dirname(file)), path.basename(file))),
  ],
  'kubelet-root-directory-ignored': [
    'has a root directory of its own',
    () => ({
      kubelet: (options) => {
        const asked = options.rootDirectory;
        return asked === undefined ? options : { ...options, rootDirectory: `${asked}-of-its-own` };
      },
    }),
  ],
  'kubelet-another-default-root': [
    'has another root directory where it is told none',
    () => ({ kubelet: (options) => ({ rootDirectory: '/var/lib/ckptest', ...options }) }),
  ],
  'kubelet-timestamp-of-another-day': [
    'writes the time of another day',
    () => fileName((name) => name.replace(/\d{4}(-\d\d-\d\dT.*\.tar)$/, '2001$1')),
  ],
  'kubelet-directory-readable-by-all': [
    'lets everybody into the checkpoints directory',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', async (call, next) => {
        const answer = await next(call);
        // Only where something was written: what was refused may have been for a directory that is not the kubelet's.
        await fs.chmod(path.dirname(call.request.location), 0o755);
        return answer;
      }),
    }),
  ],
} satisfies DeviationTable;

export const kubeletCriMutants = deviations('mutant', { ...kubeletCri, ...archives });
