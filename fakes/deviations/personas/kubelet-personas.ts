// Defines known kubelets as differences from the fake's own behavior.

import { LinkedAbort } from '../../base/linked-abort';
import type { HttpRequest, HttpResponse } from '../../go/net-http/exchange';
import { rfc3339 } from '../../go/time';
import type { Stamp } from '../../kubelet/naming';
import { type DeviationTable, deviations } from '../deviation';

/** Returns the timeout of a checkpoint request, seconds, if it is a positive number of at most four digits. */
function shortTimeout({ method, target }: HttpRequest): number | undefined {
  const value = new URLSearchParams(target.split('?')[1] ?? '').getAll('timeout').pop();
  const asked =
    method === 'POST' && target.startsWith('/checkpoint/') && value !== undefined && /^[1-9]\d{0,3}$/.test(value);
  return asked ? Number(value) : undefined;
}

const waitEnded = ({ target }: HttpRequest): HttpResponse => ({
  status: 500,
  headers: [],
  body: `checkpointing of ${target.split('?')[0]?.split('/').slice(2).join('/')} failed (rpc error: code = DeadlineExceeded desc = context deadline exceeded)`,
});

/**
 * Returns a function that formats times in RFC 3339 with seconds. If the same second occurs again, a fraction makes the
 * time unique.
 */
function distinctStamps(): Stamp {
  let [latest, count] = ['', 0];
  return (now) => {
    const stamp = rfc3339(now);
    count = stamp === latest ? count + 1 : 0;
    latest = stamp;
    return count === 0 ? stamp : stamp.replace(/(?<=T\d\d:\d\d:\d\d)/, `.${String(count).padStart(3, '0')}`);
  };
}

/**
 * Minor versions that have the endpoint. The fake kubelet itself implements their differences (`kubernetesVersion`).
 */
const MINORS = Array.from({ length: 13 }, (_, index) => 25 + index);

const versions: DeviationTable = Object.fromEntries(
  MINORS.map((minor) => [
    `kubelet-1.${minor}`,
    [
      `as a kubelet 1.${minor}, unless a version is asked for`,
      () => ({ kubelet: (options) => ({ kubernetesVersion: `1.${minor}`, ...options }) }),
    ],
  ]),
);

const table: DeviationTable = {
  ...versions,
  documented: [
    'a kubelet that does right where real ones do not: a short timeout ends the wait, no two archives have one name',
    () => ({
      kubelet: (options) => ({ stamp: distinctStamps(), ...options }),
      http: async (request, next) => {
        const seconds = shortTimeout(request);
        if (seconds === undefined) return next(request);
        using over = new LinkedAbort(request.signal);
        let timer: NodeJS.Timeout | undefined;
        const end = new Promise<HttpResponse>((resolve) => {
          timer = setTimeout(() => {
            resolve(waitEnded(request));
            over.abort();
          }, seconds * 1000);
        });
        const answer = next({ ...request, signal: over.signal });
        try {
          return await Promise.race([answer, end]);
        } finally {
          clearTimeout(timer);
        }
      },
    }),
  ],
};

export const kubeletPersonas = deviations('persona', table);
