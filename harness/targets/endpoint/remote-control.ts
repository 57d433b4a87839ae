// Observes and changes a served fake runtime through its control address.
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import type { FaultRule } from '../../../fakes/faults/rule';
import type { ContainerName, SeenCheckpoint } from '../../../specs/subject/subject';
import type { ContainerId } from '../subject/container-id';
import { type CallRow, checkpointsAfter, NO_ADMIN, type RuntimeAdmin } from '../subject/runtime-admin';
import { TemporaryFaults } from '../subject/temporary-faults';

const PATIENCE_MS = 10_000;
/** Interval at which new calls are read while a spec observes calls, milliseconds. */
const LOOK_AGAIN_MS = 50;

/** A row in the response to `GET /calls`. */
type Row = Omit<CallRow, 'index'> & { readonly i: number };

interface State {
  readonly persona: string;
  readonly runtime: {
    readonly sandboxes: readonly { readonly id: string; readonly name: string; readonly namespace: string }[];
    readonly containers: readonly {
      readonly id: string;
      readonly name: string;
      readonly sandboxId: string;
      readonly state: string;
    }[];
  };
  readonly kubelet?: { readonly rootDirectory: string };
}

export class RemoteControl {
  readonly #faults = new TemporaryFaults({
    rules: async () => {
      const { faults } = await this.#request<{ faults: readonly FaultRule[] }>('GET', '/faults');
      return faults.map(({ match = {}, times = 1, do: action }) => ({ match, times, do: action }));
    },
    replace: (rules) => this.#request('PUT', '/faults', rules),
  });

  private constructor(readonly url: string) {}

  /**
   * Connects to a control address.
   *
   * @param typed the value of --runtime-control
   * @throws UserError if there is no control interface at this address
   */
  static async connect(typed: string): Promise<RemoteControl> {
    const url = URL.canParse(typed) ? new URL(typed) : undefined;
    if (url?.protocol !== 'http:')
      throw new UserError(`--runtime-control ${typed}: give a URL such as http://127.0.0.1:9876`);
    const control = new RemoteControl(url.origin);
    await control.#request('GET', '/healthz').catch((error: unknown) => {
      throw new UserError(
        `--runtime-control ${typed}: no control address answers there (${errorText(error)}); give the one that serve --control-address printed`,
      );
    });
    return control;
  }

  state(): Promise<State> {
    return this.#request<State>('GET', '/state');
  }

  readonly containerId: ContainerId = async ({ namespace, pod, container }: ContainerName) => {
    const { runtime } = await this.state();
    const pods = runtime.sandboxes.filter((one) => one.namespace === namespace && one.name === pod).map(({ id }) => id);
    const [only, ...more] = runtime.containers.filter(
      ({ name, sandboxId, state }) => name === container && pods.includes(sandboxId) && state === 'CONTAINER_RUNNING',
    );
    if (!only || more.length > 0)
      throw new Error(`the runtime has ${only ? 'several' : 'no'} running containers ${namespace}/${pod}/${container}`);
    return only.id;
  };

  readonly admin: RuntimeAdmin = {
    ...NO_ADMIN,
    watch: async () => {
      const last = (await this.#rows()).at(-1)?.index ?? 0;
      let found: readonly SeenCheckpoint[] = [];
      const stopped = new AbortController();
      const look = async () => {
        found = checkpointsAfter(last, await this.#rows());
      };
      const looking = (async () => {
        while (!stopped.signal.aborted) {
          await setTimeout(LOOK_AGAIN_MS);
          await look();
        }
      })().catch(() => {});
      return {
        callsSoFar: () => found,
        end: async () => {
          stopped.abort();
          await looking;
          await look();
          return found;
        },
      };
    },
    during: (fault, action) => this.#faults.during(fault, action),
    slowly: (milliseconds, action) => this.#faults.slowly(milliseconds, action),
  };

  /** Removes the faults that specs set. */
  close(): Promise<void> {
    return this.#faults.restore();
  }

  async #rows(): Promise<readonly CallRow[]> {
    const { calls } = await this.#request<{ calls: readonly Row[] }>('GET', '/calls');
    return calls.map(({ i: index, ...row }) => ({ index, ...row }));
  }

  async #request<T = unknown>(method: string, path: string, document?: object): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(document && { body: JSON.stringify(document), headers: { 'content-type': 'application/json' } }),
    });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} at the control address: ${answer.status} ${body}`);
    return body === '' ? JSON.parse('null') : JSON.parse(body);
  }
}
