// Defines kubelets that handle paths, methods or content types wrongly.
import type { HttpRequest } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { changeRequest, changeResponse } from '../../effects/http-effects';

const segments = ({ target }: HttpRequest) => target.split('?')[0]?.split('/').slice(2) ?? [];

const table = {
  'kubelet-get-checkpoints': [
    'Accepts GET in place of POST',
    () => ({ http: changeRequest((request) => (request.method === 'GET' ? { ...request, method: 'POST' } : request)) }),
  ],
  'kubelet-405-without-allow': [
    'Leaves the Allow header out of a 405 response',
    () => ({
      http: changeResponse((response) => ({
        ...response,
        headers: response.headers.filter(([name]) => name !== 'Allow'),
      })),
    }),
  ],
  'kubelet-namespace-optional': [
    'Uses the namespace default if the path has no namespace',
    () => ({
      http: changeRequest((request) =>
        segments(request).length === 2
          ? { ...request, target: request.target.replace('/checkpoint/', '/checkpoint/default/') }
          : request,
      ),
    }),
  ],
  'kubelet-container-optional': [
    'Succeeds without a container name',
    () => ({
      http: changeResponse((response, request) =>
        segments(request).filter((part) => part !== '').length === 2 && response.status === 404
          ? { ...response, status: 200 }
          : response,
      ),
    }),
  ],
  'kubelet-pod-optional': [
    'Succeeds with an empty pod name',
    () => ({
      http: changeResponse((response, request) =>
        segments(request)[1] === '' ? { ...response, status: 200 } : response,
      ),
    }),
  ],
  'kubelet-accept-ignored': [
    'Sends JSON to clients that do not accept it',
    () => ({ http: changeRequest((request) => ({ ...request, headers: { ...request.headers, accept: undefined } })) }),
  ],
} satisfies DeviationTable;

export const routeMutants = deviations('mutant', table);
