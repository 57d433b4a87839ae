// Makes the node that specs use: the HTTP endpoint of its kubelet, and the calls that the runtime behind it receives.

import { errorText } from '../../../fakes/base/error-text';
import type { ApiServer } from '../../../specs/subject/access';
import { Violation } from '../../../specs/subject/expect';
import type { HttpAnswer, HttpQuery } from '../../../specs/subject/http';
import type { Node, SeenCheckpoint } from '../../../specs/subject/subject';
import type { KubeletClient } from '../../clients/kubelet-client';
import type { IssueCertificate } from './client-authority';
import type { ContainerId } from './container-id';
import { eitherSignal } from './either-signal';
import { answerText, type ExchangeLog, requestText } from './exchange-log';
import type { PodContainers } from './pods';
import { poll } from './poll';
import type { Relay } from './relay';
import type { RuntimeAdmin } from './runtime-admin';

/** A running kubelet and the known facts about it. Getters throw Unsupported if a fact is unknown. */
export interface KubeletFacts {
  readonly client: Pick<KubeletClient, 'request' | 'raw'>;
  readonly containers: PodContainers;
  readonly rootDirectory: string;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly issue?: IssueCertificate;
  readonly apiServer?: ApiServer;
  /** A client for the read-only port. */
  readonly readOnly?: KubeletClient;
  readonly relay?: Relay;
  /** The admin interface of the runtime behind the kubelet. */
  readonly admin: RuntimeAdmin;
  /** Why the kubelet exited on its own, or undefined while it runs. */
  ended(): string | undefined;
  readonly containerId: ContainerId;
  /** Maps a path on the target to the path on this machine. Default: the same path. */
  readonly local?: (path: string) => string;
}

/**
 * After a kubelet's connections have ended, the suite waits at most this long to notice that the kubelet has exited,
 * milliseconds.
 */
const END_PATIENCE_MS = 500;

function credentialsText({ credentials = 'allowed' }: HttpQuery): string {
  if (credentials === 'allowed') return 'with valid credentials';
  if (credentials === 'none') return 'without credentials';
  return 'token' in credentials ? 'with a token of the spec' : 'with a client certificate of the spec';
}

/**
 * Returns an optional part of a node. Throws an Error if the part is absent, because the spec then did not list it in
 * its needs or circumstances.
 */
function offered<T>(what: string, thing: T | undefined): T {
  if (thing === undefined) throw new Error(`this node has no ${what}; the spec did not request it`);
  return thing;
}

/**
 * Makes the node that a spec uses.
 *
 * @param over aborted when the spec is over; cancels its open requests
 */
export function kubeletNode(facts: KubeletFacts, log: ExchangeLog, over: AbortSignal): Node {
  const { admin } = facts;

  async function logged(
    place: string,
    query: HttpQuery,
    exchange: (query: HttpQuery) => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const came = log.http(
      requestText(`${query.method ?? 'GET'} ${query.target} (${place}${credentialsText(query)})`, query.headers),
    );
    const signal = eitherSignal(query.signal, over);
    try {
      const answer = await exchange({ ...query, signal });
      came(answerText(answer));
      return answer;
    } catch (error) {
      came(`no answer: ${errorText(error)}`);
      // If the kubelet exits, its connections end before the suite notices the exit. Wait, so that the exit is
      // reported.
      const [isOver] =
        error instanceof Violation ? await poll(async () => facts.ended(), Boolean, END_PATIENCE_MS) : [];
      throw isOver ? new Error(facts.ended()) : error;
    }
  }

  const request = (query: HttpQuery) => logged('', query, (sent) => facts.client.request(sent));

  function apiServer(): ApiServer {
    const server = offered('API server', facts.apiServer);
    return {
      ...server,
      proxied: (query, as) => logged('through the API server, ', query, (sent) => server.proxied(sent, as)),
    };
  }

  return {
    // These are getters, so that a missing container is reported only to specs that use it.
    get running() {
      return facts.containers.running;
    },
    get other() {
      return facts.containers.other;
    },
    get exited() {
      return facts.containers.exited;
    },
    get exitedInit() {
      return facts.containers.exitedInit;
    },
    get neverCreated() {
      return facts.containers.neverCreated;
    },
    get rootDirectory() {
      return facts.rootDirectory;
    },
    get runtimeRequestTimeoutSeconds() {
      return facts.runtimeRequestTimeoutSeconds;
    },
    request,
    checkpoint({ namespace, pod, container }, query) {
      const path = [namespace, pod, container].map(encodeURIComponent).join('/');
      return request({ method: 'POST', target: `/checkpoint/${path}${query === undefined ? '' : `?${query}`}` });
    },
    async checkpointsDuring(action) {
      const watch = await admin.watch();
      let seen: readonly SeenCheckpoint[] = [];
      try {
        await action(watch.callsSoFar);
      } finally {
        seen = await watch.end();
      }
      for (const call of seen) log.cri(call.method, call.request)({ deadlineSeconds: call.deadlineSeconds });
      return seen;
    },
    containerId: facts.containerId,
    whileRuntime: (fault, action) => admin.during(fault, action),
    local: facts.local ?? ((path) => path),
    async raw(query) {
      const came = log.http(`${query.plain ? 'without TLS: ' : ''}${JSON.stringify(query.bytes)}`);
      const answer = await facts.client.raw(query, over);
      came(JSON.stringify(answer.text));
      return answer;
    },
    readOnly: (query) =>
      logged('at the read-only port, ', { credentials: 'none', ...query }, (sent) =>
        offered('read-only port', facts.readOnly).request(sent),
      ),
    certificate: (options) => offered('authority for client certificates', facts.issue)(options),
    apiServer,
    cutRuntime: () => offered('relay before its runtime', facts.relay).cut(),
  };
}
