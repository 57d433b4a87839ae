// Defines kubelets that send wrong status codes or wrong success responses.
import fs from 'node:fs/promises';
import { onMethod } from '../../../base/cri-call';
import type { HttpRequest } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { changeResponse, status, success } from '../../effects/http-effects';

const UNKNOWN_NAME = /does not exist$/;
const NOT_RUNNING = /\(container .* not found\)$/s;
const FROM_RUNTIME = /rpc error: code = /;

const segments = ({ target }: HttpRequest) => target.split('?')[0]?.split('/').slice(2) ?? [];

const table = {
  'kubelet-success-is-201': ['Responds with 201 to a successful checkpoint', () => ({ http: status(200, /./, 201) })],
  'kubelet-empty-items': ['Leaves the archive out of the response', () => ({ http: success(200, /./) })],
  'kubelet-answers-plain-text': [
    'Sends its JSON with the content type of plain text',
    () => ({
      http: changeResponse((response) =>
        response.status === 200 ? { ...response, headers: [['Content-Type', 'text/plain']] } : response,
      ),
    }),
  ],
  'kubelet-answers-before-the-archive': [
    'Responds before the archive exists at its location',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', async (call, next) => {
        const answer = await next(call);
        const { location } = call.request;
        await fs.rename(location, `${location}.late`);
        setTimeout(() => void fs.rename(`${location}.late`, location).catch(() => undefined), 500).unref();
        return answer;
      }),
    }),
  ],
  'kubelet-unknown-pod-is-500': [
    'Responds with 500 for an unknown pod',
    () => ({ http: status(404, /^pod does not exist$/, 500) }),
  ],
  'kubelet-unknown-container-is-500': [
    'Responds with 500 for an unknown container',
    () => ({ http: status(404, /^container .* does not exist$/s, 500) }),
  ],
  'kubelet-unknown-name-is-400': [
    'Responds with 400 for any unknown name',
    () => ({ http: status(404, UNKNOWN_NAME, 400) }),
  ],
  'kubelet-namespace-not-compared': [
    'Finds a pod with the same name in another namespace',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        if (response.status !== 404 || !UNKNOWN_NAME.test(response.body)) return response;
        const [, ...rest] = segments(request);
        const retried = await next({ ...request, target: `/checkpoint/default/${rest.join('/')}` });
        return retried.status === 404 ? response : retried;
      },
    }),
  ],
  'kubelet-container-of-any-pod': [
    'Finds a container with the same name in another pod',
    () => ({ http: success(404, /^container main does not exist$/) }),
  ],
  'kubelet-exited-is-success': [
    'Reports success if the container is not running',
    () => ({ http: success(500, NOT_RUNNING) }),
  ],
  'kubelet-exited-is-404': [
    'Responds with 404 if the container is not running',
    () => ({ http: status(500, NOT_RUNNING, 404) }),
  ],
  'kubelet-runtime-error-is-502': [
    'Responds with 502 for an error of the runtime',
    () => ({ http: status(500, FROM_RUNTIME, 502) }),
  ],
  'kubelet-runtime-message-dropped': [
    "Leaves the runtime's message out of the response",
    () => ({
      http: changeResponse((response) =>
        FROM_RUNTIME.test(response.body) ? { ...response, body: 'checkpointing failed' } : response,
      ),
    }),
  ],
  'kubelet-not-found-of-runtime-is-404': [
    'Treats NotFound from the runtime as an unknown container',
    () => ({ http: status(500, /code = NotFound/, 404) }),
  ],
  'kubelet-unimplemented-is-501': [
    'Responds with 501 if the runtime does not implement the call',
    () => ({ http: status(500, /code = Unimplemented/, 501) }),
  ],
  'kubelet-deadline-is-504': [
    'Responds with 504 if the deadline passes',
    () => ({ http: status(500, /code = DeadlineExceeded/, 504) }),
  ],
} satisfies DeviationTable;

export const statusCodeMutants = deviations('mutant', table);
