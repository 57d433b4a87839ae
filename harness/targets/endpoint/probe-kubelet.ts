// Probes what a kubelet that is already running supports and what the credentials permit, before specs run.
import { systemClock } from '../../../fakes/base/clock';
import { errorText } from '../../../fakes/base/error-text';
import { LinkedAbort } from '../../../fakes/base/linked-abort';
import { UserError } from '../../../fakes/base/user-error';
import type { HttpAnswer, HttpQuery } from '../../../specs/subject/http';
import type { ContainerName, Need } from '../../../specs/subject/subject';
import type { KubeletClient } from '../../clients/kubelet-client';
import { refusalOf } from '../refusals';
import type { KubeletConnection } from './access';

/** Time limit for the first response, milliseconds. */
const PATIENCE_MS = 10_000;
const ABSENT = 'ckptest-absent';
const MAX_SHOWN = 300;

/** The client that sends the probes. */
type ProbeClient = Pick<KubeletClient, 'request'>;
type Named = Pick<KubeletConnection, 'named' | 'isDirect'>;

type Lacks = Partial<Record<Need, string>>;

export interface ProbedKubelet {
  /** Version such as `v1.36.2`; undefined if the kubelet does not report it. */
  readonly version: string | undefined;
  readonly lacks: Lacks;
  /** Why requests with other credentials cannot be judged; undefined if they can be judged. */
  readonly anonymousReason: string | undefined;
  /** `runtimeRequestTimeout` of the kubelet, seconds; undefined if the kubelet does not show its configuration. */
  readonly requestTimeoutSeconds: number | undefined;
}

const shown = ({ status, body }: HttpAnswer) => `${status} ${body.trim().slice(0, MAX_SHOWN)}`;
const absent = (query: Partial<HttpQuery> = {}): HttpQuery => ({
  method: 'POST',
  target: `/checkpoint/${ABSENT}/${ABSENT}/${ABSENT}`,
  ...query,
});

function unreachable({ named, isDirect }: Named, error: unknown): UserError {
  const message = errorText(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code))
    return new UserError(
      `${named}: its certificate is not trusted (${message}); name its authority with ${
        isDirect ? '--certificate-authority, or give --insecure-skip-tls-verify' : 'the kubeconfig'
      }`,
    );
  return new UserError(
    `${named}: no kubelet answers there (${message}); start the kubelet, or give the address on which it listens`,
  );
}

/**
 * Judges the response to a checkpoint of a container that does not exist. Returns `kubelet` as missing if the endpoint
 * does not exist. Throws UserError if the credentials do not permit checkpoints, or if the API server cannot reach the
 * kubelet.
 */
function judgeAccess({ named, isDirect }: Named, answer: HttpAnswer): Lacks {
  const { status, body } = answer;
  if (status === 401)
    throw new UserError(
      `${named}: these credentials are not accepted (${shown(answer)}); give ${
        isDirect ? '--client-certificate with --client-key, or --token' : 'a kubeconfig with other credentials'
      }`,
    );
  if (status === 403)
    throw new UserError(
      `${named}: these credentials may not checkpoint (${shown(answer)}); allow create on nodes/checkpoint${isDirect ? '' : ' and nodes/proxy'}`,
    );
  if (!isDirect && (status >= 502 || /"kind":\s*"Status"/.test(body)))
    throw new UserError(
      `${named}: the API server cannot reach the kubelet (${shown(answer)}); name a node that is running`,
    );
  if (status === 404 && body.trim() === '404 page not found')
    return {
      kubelet:
        'the kubelet has no checkpoint endpoint (404 page not found): its feature gate ContainerCheckpoint or its enableDebuggingHandlers is off',
    };
  return {};
}

/** Returns the seconds in a duration as Go prints it, such as 2m0s. */
function seconds(duration: unknown): number | undefined {
  const [all, hours = '0', minutes = '0', rest = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(typeof duration === 'string' ? duration : '') ?? [];
  return all ? Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) : undefined;
}

interface ShownConfiguration {
  readonly runtimeRequestTimeout?: unknown;
  readonly authentication?: { readonly anonymous?: { readonly enabled?: unknown } };
}

function configurationIn({ status, body }: HttpAnswer): ShownConfiguration | undefined {
  if (status !== 200) return undefined;
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null || !('kubeletconfig' in answer)) return undefined;
    const { kubeletconfig } = answer;
    return typeof kubeletconfig === 'object' && kubeletconfig !== null ? kubeletconfig : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns why anonymous requests cannot be judged. If the kubelet allows anonymous requests, the node's administrator
 * decided that, and it is not a fault of the kubelet.
 */
function judgeAnonymous(
  { isDirect }: Named,
  anonymousAnswer: HttpAnswer,
  configuration: ShownConfiguration | undefined,
): string | undefined {
  if (!isDirect)
    return 'the API server itself answers requests with other credentials; connect to the kubelet directly with --kubelet-endpoint';
  if (anonymousAnswer.status === 401 || configuration?.authentication?.anonymous?.enabled === false) return undefined;
  return configuration
    ? 'the kubelet is configured to accept anonymous requests (authentication.anonymous.enabled)'
    : `the kubelet accepts anonymous requests (${shown(anonymousAnswer)}), and does not show whether that is configured`;
}

/** Sends a first request. Throws UserError if no response arrives in time. */
async function firstAnswer(client: ProbeClient, connection: Named, signal: AbortSignal): Promise<void> {
  using limit = new LinkedAbort(signal);
  const disarm = systemClock.after(PATIENCE_MS, () => limit.abort(new Error(`no answer in ${PATIENCE_MS / 1000} s`)));
  try {
    await client.request({ target: '/healthz', signal: limit.signal });
  } catch (error) {
    throw unreachable(connection, limit.signal.aborted ? limit.signal.reason : error);
  } finally {
    disarm();
  }
}

/**
 * Probes version, permissions, endpoint and configuration.
 *
 * @throws UserError if the kubelet does not answer, or does not accept the credentials
 */
export async function probeKubelet(
  client: ProbeClient,
  connection: Named,
  signal: AbortSignal,
): Promise<ProbedKubelet> {
  await firstAnswer(client, connection, signal);
  const lacks = judgeAccess(connection, await client.request(absent({ signal })));
  const configuration = configurationIn(await client.request({ target: '/configz', signal }));
  const anonymousAnswer = await client.request(absent({ credentials: 'none', signal }));
  const metrics = await client.request({ target: '/metrics', signal });
  const [, version] = /^kubernetes_build_info\{[^}]*git_version="([^"]+)"/m.exec(metrics.body) ?? [];
  return {
    version,
    lacks,
    anonymousReason: judgeAnonymous(connection, anonymousAnswer, configuration),
    requestTimeoutSeconds: seconds(configuration?.runtimeRequestTimeout),
  };
}

/** Converts Go's name of a gRPC code to the standard name, such as `DeadlineExceeded` to `DEADLINE_EXCEEDED`. */
const codeName = (go: string) =>
  go === 'Canceled' ? 'CANCELLED' : go.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();

/**
 * Makes one checkpoint to see whether the runtime behind the kubelet supports checkpoints.
 *
 * @returns the response and the missing capabilities
 */
export async function probeCheckpoint(
  client: Pick<KubeletClient, 'request'>,
  { namespace, pod, container }: ContainerName,
  signal: AbortSignal,
): Promise<{ readonly answer: HttpAnswer; readonly lacks: Lacks }> {
  const target = `/checkpoint/${[namespace, pod, container].map(encodeURIComponent).join('/')}`;
  const answer = await client.request({ method: 'POST', target, signal });
  if (answer.status === 200) return { answer, lacks: { refusal: 'the runtime implements CheckpointContainer' } };
  const [, code = '', message = ''] = /\(rpc error: code = (\w+) desc = (.*)\)$/s.exec(answer.body) ?? [];
  const refusal = refusalOf({ code: codeName(code), message });
  if (refusal === undefined) return { answer, lacks: { refusal: 'the runtime does not refuse checkpoints' } };
  const { reason, unimplemented } = refusal;
  return { answer, lacks: { checkpoint: reason, ...(unimplemented ? {} : { refusal: reason }) } };
}
