// A node as specs see it: a kubelet spoken to over HTTP, and what the runtime behind it tells.
import type { ApiServer } from '../../specs/access';
import { Violation } from '../../specs/expect';
import type { HttpAnswer, HttpQuery } from '../../specs/http';
import type { ContainerName, Node, RuntimeFault, SeenCheckpoint } from '../../specs/subject';
import type { CriClient } from '../clients/cri-client';
import type { KubeletClient } from '../clients/kubelet-client';
import { errorText } from '../error-text';
import { ask } from './ask';
import type { IssueCertificate } from './client-authority';
import type { ExchangeLog } from './exchange-log';
import type { PodContainers } from './pods';
import type { Relay } from './relay';

/** A kubelet that is up, with what is known of it. */
export interface KubeletFacts {
  readonly client: KubeletClient;
  readonly containers: PodContainers;
  readonly rootDirectory: string;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly issue?: IssueCertificate;
  readonly apiServer?: ApiServer;
  /** Speaks to the read-only port. */
  readonly readOnly?: KubeletClient;
  readonly relay?: Relay;
  /** Of the runtime behind it. */
  readonly hold: RuntimeHold;
  /** Why the kubelet ended by itself, or undefined while it runs. */
  ended(): string | undefined;
  readonly cri: CriClient;
}

/** What can be done with the runtime behind the kubelet beyond CRI. */
export interface RuntimeHold {
  /** Starts to watch; what is returned tells the CheckpointContainer calls that the runtime has seen since. */
  watch(): () => readonly SeenCheckpoint[];
  during<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T>;
}

/** Longest between the end of a kubelet's connections and the word of its end. Milliseconds. */
const END_PATIENCE_MS = 500;

const RUNNING = { state: { state: 'CONTAINER_RUNNING' } } as const;

function whoAsks({ credentials = 'allowed' }: HttpQuery): string {
  if (credentials === 'allowed') return 'with valid credentials';
  if (credentials === 'none') return 'without credentials';
  return 'token' in credentials ? "with a token of the spec's own" : "with a client certificate of the spec's own";
}

/** What a spec may ask for only where its needs or circumstances say so. */
function offered<T>(what: string, thing: T | undefined): T {
  if (thing === undefined) throw new Error(`this node has no ${what}; the spec did not ask for it`);
  return thing;
}

/** `over` is aborted when the spec is: what it still asks is given up then. */
export function kubeletNode(facts: KubeletFacts, log: ExchangeLog, over: AbortSignal): Node {
  const { hold, cri } = facts;

  async function logged(
    place: string,
    query: HttpQuery,
    exchange: (query: HttpQuery) => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const came = log.http(`${query.method ?? 'GET'} ${query.target} (${place}${whoAsks(query)})`);
    const signal = query.signal ? AbortSignal.any([query.signal, over]) : over;
    try {
      const answer = await exchange({ ...query, signal });
      came(`${answer.status} ${answer.body}`);
      return answer;
    } catch (error) {
      came(`no answer: ${errorText(error)}`);
      // A connection that is cut is told before the end of the process that it led to.
      const [isOver] = error instanceof Violation ? await ask(async () => facts.ended(), Boolean, END_PATIENCE_MS) : [];
      throw isOver ? new Error(facts.ended()) : error;
    }
  }

  const request = (query: HttpQuery) => logged('', query, (asked) => facts.client.request(asked));

  function apiServer(): ApiServer {
    const server = offered('API server', facts.apiServer);
    return {
      ...server,
      proxied: (query, as) => logged('through the API server, ', query, (asked) => server.proxied(asked, as)),
    };
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
      await action(seenSince);
      const seen = seenSince();
      for (const call of seen) log.cri(call.method, call.request)({ deadlineSeconds: call.deadlineSeconds });
      return seen;
    },
    containerId,
    whileRuntime: (fault, action) => hold.during(fault, action),
    local: (path) => path,
    async raw(query) {
      const came = log.http(`${query.plain ? 'without TLS: ' : ''}${JSON.stringify(query.bytes)}`);
      const answer = await facts.client.raw(query, over);
      came(JSON.stringify(answer.text));
      return answer;
    },
    readOnly: (query) =>
      logged('at the read-only port, ', { credentials: 'none', ...query }, (asked) =>
        offered('read-only port', facts.readOnly).request(asked),
      ),
    certificate: (wish) => offered('authority for client certificates', facts.issue)(wish),
    apiServer,
    cutRuntime: () => offered('relay before its runtime', facts.relay).cut(),
  };
}
