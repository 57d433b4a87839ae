// Defines kubelets that make wrong CRI calls: for the wrong container, too often, or with a wrong location.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { CriRequest, CriResponse } from '../../../../proto/load';
import { onMethod } from '../../../base/cri-call';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { changeArchivePath } from '../../effects/http-effects';
import { extraCheckpoints } from './extra-checkpoints';

const UNKNOWN_NAME = /does not exist$/;
const FORBIDDEN = /^Forbidden/;
const NOT_RUNNING = /\(container .* not found\)$/s;

/** Makes effects that change the location in the CRI call and in the response to the client. */
const location = (change: (location: string) => string): Effects => ({
  kubeletCri: onMethod('CheckpointContainer', (call, next) =>
    next({ ...call, request: { ...call.request, location: change(call.request.location) } }),
  ),
  http: changeArchivePath(change),
});
/** Makes effects that change the file name of the location and keep its directory. */
const fileName = (change: (name: string) => string) =>
  location((file) => path.join(path.dirname(file), change(path.basename(file))));

/** Makes effects that make a checkpoint call although the request was refused with this status and body. */
function callDespiteRefusal(status: number, body: RegExp): Effects {
  const { kubeletCri, makeCall } = extraCheckpoints();
  return {
    kubeletCri,
    http: async (request, next) => {
      const response = await next(request);
      if (response.status === status && body.test(response.body)) await makeCall(request.signal);
      return response;
    },
  };
}

const kubeletCri = {
  'kubelet-asks-runtime-twice': [
    'Makes every CRI checkpoint call twice',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', async (call, next) => {
        await next(call);
        return next(call);
      }),
    }),
  ],
  'kubelet-wrong-container': [
    'Checkpoints another running container than the requested one',
    () => ({
      kubeletCri: async (call, next) => {
        if (call.method !== 'CheckpointContainer') return next(call);
        const { container_id: requested } = call.request as CriRequest<'CheckpointContainer'>;
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
        const other = list.containers.find(({ id }) => id !== requested)?.id ?? requested;
        return next({
          ...call,
          request: { ...call.request, container_id: other } as CriRequest<'CheckpointContainer'>,
        });
      },
    }),
  ],
  'kubelet-asks-before-lookup': [
    'Calls the runtime before it has looked up the pod',
    () => callDespiteRefusal(404, UNKNOWN_NAME),
  ],
  'kubelet-asks-before-authorization': [
    'Calls the runtime before it has authorized the request',
    () => callDespiteRefusal(403, FORBIDDEN),
  ],
  'kubelet-asks-for-what-does-not-run': [
    'Calls the runtime for a container that is not running',
    () => callDespiteRefusal(500, NOT_RUNNING),
  ],
} satisfies DeviationTable;

const archives = {
  'kubelet-name-without-container': [
    "Leaves the container's name out of the archive's file name",
    () => fileName((name) => name.replace(/-(count|main)-/, '-')),
  ],
  'kubelet-name-without-pod': [
    "Leaves the pod's name out of the archive's file name",
    () => fileName((name) => name.replace(/^checkpoint-.*?_/, 'checkpoint-')),
  ],
  'kubelet-name-without-namespace': [
    "Leaves the namespace out of the archive's file name",
    () => fileName((name) => name.replace(/_[^-]*/, '')),
  ],
  'kubelet-name-without-prefix': [
    "Leaves the prefix checkpoint- out of the archive's file name",
    () => fileName((name) => name.replace('checkpoint-', '')),
  ],
  'kubelet-name-ends-in-tgz': [
    'Gives the archive the extension of a compressed file',
    () => fileName((name) => name.replace(/tar$/, 'tgz')),
  ],
  'kubelet-timestamp-is-unix-time': [
    'Writes the time in the file name as a Unix timestamp',
    () => fileName((name) => name.replace(/\d{4}-\d\d-\d\dT.*\.tar$/, '1767225600.tar')),
  ],
  'kubelet-answers-another-path': [
    'Returns another path than the one in the CRI call',
    () => ({ http: changeArchivePath((file) => file.replace(/-\d{4}(-\d\d-\d\dT[^/]*)$/, '-2001$1')) }),
  ],
  'kubelet-stores-in-root-directory': [
    'Stores archives directly in the root directory',
    () => location((file) => path.join(path.dirname(path.dirname(file)), path.basename(file))),
  ],
  'kubelet-root-directory-ignored': [
    'Ignores the configured root directory',
    () => ({
      kubelet: (options) => {
        const configured = options.rootDirectory;
        return configured === undefined ? options : { ...options, rootDirectory: `${configured}-of-its-own` };
      },
    }),
  ],
  'kubelet-another-default-root': [
    'Uses another default root directory',
    () => ({ kubelet: (options) => ({ rootDirectory: '/var/lib/ckptest', ...options }) }),
  ],
  'kubelet-timestamp-of-another-day': [
    'Writes the time of another day into the file name',
    () => fileName((name) => name.replace(/\d{4}(-\d\d-\d\dT.*\.tar)$/, '2001$1')),
  ],
  'kubelet-directory-readable-by-all': [
    'Gives all users access to the checkpoints directory',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', async (call, next) => {
        const answer = await next(call);
        // Change the mode only after a success: after a refusal the location may be in a directory that is not the
        // kubelet's.
        await fs.chmod(path.dirname(call.request.location), 0o755);
        return answer;
      }),
    }),
  ],
} satisfies DeviationTable;

export const kubeletCriMutants = deviations('mutant', { ...kubeletCri, ...archives });
