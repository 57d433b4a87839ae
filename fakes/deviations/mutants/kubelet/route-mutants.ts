// Broken kubelets, in their paths, methods and representations.
import type { HttpRequest } from '../../../go/net-http/exchange';
import { type DeviationTable, deviations } from '../../deviation';
import { answering, asking } from '../../effects/http-effects';

const segments = ({ target }: HttpRequest) => target.split('?')[0]?.split('/').slice(2) ?? [];

const table = {
  'kubelet-get-checkpoints': [
    'takes GET for POST',
    () => ({ http: asking((request) => (request.method === 'GET' ? { ...request, method: 'POST' } : request)) }),
  ],
  'kubelet-405-without-allow': [
    'does not say which method is allowed',
    () => ({
      http: answering((response) => ({ ...response, headers: response.headers.filter(([name]) => name !== 'Allow') })),
    }),
  ],
  'kubelet-namespace-optional': [
    'takes the namespace for default where it is left out',
    () => ({
      http: asking((request) =>
        segments(request).length === 2
          ? { ...request, target: request.target.replace('/checkpoint/', '/checkpoint/default/') }
          : request,
      ),
    }),
  ],
  'kubelet-container-optional': [
    'succeeds without a container',
    () => ({
      http: answering((response, request) =>
        segments(request).filter((part) => part !== '').length === 2 && response.status === 404
          ? { ...response, status: 200 }
          : response,
      ),
    }),
  ],
  'kubelet-pod-optional': [
    'succeeds with an empty pod',
    () => ({
      http: answering((response, request) => (segments(request)[1] === '' ? { ...response, status: 200 } : response)),
    }),
  ],
  'kubelet-accept-ignored': [
    'sends JSON to who does not accept it',
    () => ({ http: asking((request) => ({ ...request, headers: { ...request.headers, accept: undefined } })) }),
  ],
} satisfies DeviationTable;

export const routeMutants = deviations('mutant', table);
