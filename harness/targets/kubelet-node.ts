// A node as specs see it: a kubelet spoken to over HTTP, and what the runtime behind it tells.
import type { ContainerName, HttpAnswer, HttpQuery, Node, RuntimeFault, SeenCheckpoint } from '../../specs/subject';
import type { CriClient } from '../clients/cri-client';
import type { KubeletClient } from '../clients/kubelet-client';
import { errorText } from '../error-text';
import type { ExchangeLog } from './exchange-log';
import type { PodContainers } from './pods';

/** A kubelet that is up, with what is known of it. */
export interface KubeletFacts {
  readonly client: KubeletClient;
  readonly containers: PodContainers;
  readonly rootDirectory: string;
  readonly runtimeRequestTimeoutSeconds: number;
}

/** What can be done with the runtime behind the kubelet beyond CRI. */
export interface RuntimeHold {
  /** Starts to watch; what is returned tells the CheckpointContainer calls that the runtime has seen since. */
  watch(): () => readonly SeenCheckpoint[];
  during<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T>;
}

const RUNNING = { state: { state: 'CONTAINER_RUNNING' } } as const;

const whoAsks = ({ credentials = 'allowed' }: HttpQuery) =>
  credentials === 'allowed'
    ? 'with valid credentials'
    : credentials === 'none'
      ? 'without credentials'
      : 'with a wrong token';

export function kubeletNode(facts: KubeletFacts, hold: RuntimeHold, cri: CriClient, log: ExchangeLog): Node {
  async function request(query: HttpQuery): Promise<HttpAnswer> {
    const sent = `${query.method ?? 'GET'} ${query.target} (${whoAsks(query)})`;
    try {
      const answer = await facts.client.request(query);
      log.http(sent, `${answer.status} ${answer.body}`);
      return answer;
    } catch (error) {
      log.http(sent, `no answer: ${errorText(error)}`);
      throw error;
    }
  }

  async function containerId({ namespace, pod, container }: ContainerName): Promise<string> {
    const labels = {
      'io.kubernetes.pod.namespace': namespace,
      'io.kubernetes.pod.name': pod,
      'io.kubernetes.container.name': container,
    };
    const outcome = await cri.call('ListContainers', { filter: { ...RUNNING, label_selector: labels } });
    if (!outcome.ok) throw new Error(`ListContainers failed: ${outcome.code}: ${outcome.message}`);
    const [only, ...more] = outcome.response.containers;
    if (!only || more.length > 0)
      throw new Error(
        `${outcome.response.containers.length} running containers have the labels of ${namespace}/${pod}/${container}`,
      );
    return only.id;
  }

  return {
    ...facts.containers,
    rootDirectory: facts.rootDirectory,
    runtimeRequestTimeoutSeconds: facts.runtimeRequestTimeoutSeconds,
    request,
    checkpoint({ namespace, pod, container }, query) {
      const path = [namespace, pod, container].map(encodeURIComponent).join('/');
      return request({ method: 'POST', target: `/checkpoint/${path}${query === undefined ? '' : `?${query}`}` });
    },
    async checkpointsDuring(action) {
      const seenSince = hold.watch();
      await action();
      const seen = seenSince();
      for (const call of seen) log.cri(call.method, call.request, { deadlineSeconds: call.deadlineSeconds });
      return seen;
    },
    containerId,
    whileRuntime: (fault, action) => hold.during(fault, action),
    local: (path) => path,
  };
}
