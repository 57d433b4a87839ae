// A served fake runtime, seen and bent over its control address.
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import type { ContainerName, RuntimeFault, SeenCheckpoint } from '../../../specs/subject/subject';
import type { ContainerId } from '../subject/container-id';
import { REFUSAL } from '../subject/fault-switch';
import type { RuntimeHold } from '../subject/kubelet-node';

const PATIENCE_MS = 10_000;
/** How often calls are looked for while a spec watches, milliseconds. */
const LOOK_AGAIN_MS = 50;

interface Row {
  readonly i: number;
  readonly method: string;
  readonly deadlineSeconds?: number;
  readonly request: object;
  readonly error?: { readonly code: string };
  readonly endedAt?: number;
}

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

const seen = ({ method, request, deadlineSeconds, error, endedAt }: Row): SeenCheckpoint => ({
  method,
  request: { container_id: '', location: '', timeout: '0', ...request },
  deadlineSeconds,
  ended: endedAt === undefined ? undefined : (error?.code ?? 'OK'),
});

const action = (fault: RuntimeFault) => {
  const plain = fault === 'refuses' ? REFUSAL : fault;
  return 'abort' in plain ? plain : { delay: `${plain.delaySeconds}s` };
};

export class RemoteControl {
  /** Puts the rules back that were in force before, while there are others. */
  #restore: (() => Promise<void>) | undefined;

  private constructor(readonly url: string) {}

  /** Throws UserError where no control address answers. */
  static async connect(typed: string): Promise<RemoteControl> {
    const url = URL.canParse(typed) ? new URL(typed) : undefined;
    if (url?.protocol !== 'http:')
      throw new UserError(`--runtime-control ${typed}: give a URL such as http://127.0.0.1:9876`);
    const control = new RemoteControl(url.origin);
    await control.#ask('GET', '/healthz').catch((error: unknown) => {
      throw new UserError(
        `--runtime-control ${typed}: no control address answers there (${errorText(error)}); name the one that serve --control-address printed`,
      );
    });
    return control;
  }

  state(): Promise<State> {
    return this.#ask<State>('GET', '/state');
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

  readonly hold: RuntimeHold = {
    watch: async () => {
      const last = (await this.#rows()).at(-1)?.i ?? 0;
      let found: readonly SeenCheckpoint[] = [];
      const stopped = new AbortController();
      const look = async () => {
        const rows = await this.#rows();
        found = rows.filter(({ i, method }) => i > last && method === 'CheckpointContainer').map(seen);
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
    during: async (fault, act) => {
      const { faults } = await this.#ask<{ faults: readonly { match: object; times: unknown; do: unknown }[] }>(
        'GET',
        '/faults',
      );
      const before = faults.map(({ match, times, do: done }) => ({ match, times, do: done }));
      const ours = { match: { method: 'CheckpointContainer' }, times: 'always', do: action(fault) };
      this.#restore = async () => {
        this.#restore = undefined;
        if (before.length === 0) await this.#ask('DELETE', '/faults');
        else await this.#ask('PUT', '/faults', before);
      };
      await this.#ask('PUT', '/faults', [ours, ...before]);
      try {
        return await act();
      } finally {
        await this.#restore?.();
      }
    },
  };

  /** Leaves the runtime as it was found. */
  async close(): Promise<void> {
    await this.#restore?.();
  }

  async #rows(): Promise<readonly Row[]> {
    return (await this.#ask<{ calls: readonly Row[] }>('GET', '/calls')).calls;
  }

  async #ask<T = unknown>(method: string, path: string, document?: object): Promise<T> {
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
