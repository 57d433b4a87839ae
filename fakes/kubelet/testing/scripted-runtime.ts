// A small CRI runtime for tests of the kubelet. It stores sandboxes and containers but does not run them, and its
// responses can be scripted.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import type { CriMethod, CriRequest, CriResponseInit, CriUnaryMethod } from '../../../proto/load';
import { cri } from '../../../proto/load';
import type { ContainerInit } from '../../../proto/types/runtime/v1/Container';
import type { ContainerState } from '../../../proto/types/runtime/v1/ContainerState';
import type { PodSandboxInit } from '../../../proto/types/runtime/v1/PodSandbox';
import { errorText } from '../../base/error-text';

type Handlers = {
  [M in CriUnaryMethod]?: (request: CriRequest<M>) => CriResponseInit<M> | Promise<CriResponseInit<M>>;
};

/** A received call. */
export interface SeenCall {
  readonly method: string;
  readonly request: unknown;
  /** Seconds until the call's deadline; Infinity if the call has no deadline. */
  readonly secondsLeft: number;
}

/** An error that sets the gRPC status of the response. */
export class Fail extends Error {
  constructor(
    readonly code: grpc.status,
    message: string,
  ) {
    super(message);
  }
}

export interface ScriptedRuntime extends AsyncDisposable {
  readonly endpoint: string;
  readonly calls: SeenCall[];
  readonly sandboxes: Map<string, PodSandboxInit>;
  readonly containers: Map<string, ContainerInit & { exitCode?: number }>;
  /** Replaces the handlers of methods. `undefined` restores the default handler. */
  on(handlers: Handlers): void;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/**
 * Starts a runtime. It has every image unless the name contains `absent`. A container with the command `exit N` exits
 * at once.
 */
export async function startScriptedRuntime(): Promise<ScriptedRuntime> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scripted-'));
  const socket = path.join(directory, 'cri.sock');
  const calls: SeenCall[] = [];
  const sandboxes = new Map<string, PodSandboxInit>();
  const containers = new Map<string, ContainerInit & { exitCode?: number }>();
  let scripted: Handlers = {};
  const id = () => randomBytes(32).toString('hex');
  const fits = (labels: { [name: string]: string } | undefined, selector: { [name: string]: string } | undefined) =>
    Object.entries(selector ?? {}).every(([name, value]) => labels?.[name] === value);
  const setState = (container: string, state: ContainerState, exitCode = 0) => {
    const known = containers.get(container);
    if (known) containers.set(container, { ...known, state, exitCode });
  };
  const own: Handlers = {
    Version: () => ({ version: '0.1.0', runtime_name: 'scripted', runtime_version: '1', runtime_api_version: 'v1' }),
    ImageStatus: ({ image }) =>
      image?.image.includes('absent')
        ? {}
        : {
            image: {
              id: `sha256:${image?.image}`,
              username: image?.image.includes('of-somebody') ? 'somebody' : '',
            },
          },
    PullImage: () => {
      throw new Fail(grpc.status.NOT_FOUND, 'no such image');
    },
    RunPodSandbox: ({ config }) => {
      const created = id();
      sandboxes.set(created, {
        id: created,
        metadata: config?.metadata ?? null,
        state: 'SANDBOX_READY',
        labels: config?.labels ?? {},
      });
      return { pod_sandbox_id: created };
    },
    PodSandboxStatus: () => ({}),
    ListPodSandbox: ({ filter }) => ({
      items: [...sandboxes.values()].filter(
        ({ labels, state }) => fits(labels, filter?.label_selector) && (!filter?.state || filter.state.state === state),
      ),
    }),
    CreateContainer: ({ config, pod_sandbox_id }) => {
      const created = id();
      const [, code] = /^exit ([0-9]+)$/.exec(config?.command.at(-1) ?? '') ?? [];
      containers.set(created, {
        id: created,
        pod_sandbox_id,
        metadata: config?.metadata ?? null,
        labels: config?.labels ?? {},
        state: 'CONTAINER_CREATED',
        ...(code !== undefined && { exitCode: Number(code) }),
      });
      return { container_id: created };
    },
    StartContainer: ({ container_id }) => {
      const exitCode = containers.get(container_id)?.exitCode;
      setState(container_id, exitCode === undefined ? 'CONTAINER_RUNNING' : 'CONTAINER_EXITED', exitCode);
      return {};
    },
    ContainerStatus: ({ container_id }) => ({
      status: { id: container_id, exit_code: containers.get(container_id)?.exitCode ?? 0 },
    }),
    ListContainers: ({ filter }) => ({
      containers: [...containers.values()].filter(
        ({ labels, state }) => fits(labels, filter?.label_selector) && (!filter?.state || filter.state.state === state),
      ),
    }),
    ExecSync: () => ({}),
    StopContainer: ({ container_id }) => {
      setState(container_id, 'CONTAINER_EXITED', 137);
      return {};
    },
    RemoveContainer: ({ container_id }) => {
      containers.delete(container_id);
      return {};
    },
    StopPodSandbox: ({ pod_sandbox_id }) => {
      const known = sandboxes.get(pod_sandbox_id);
      if (known) sandboxes.set(pod_sandbox_id, { ...known, state: 'SANDBOX_NOTREADY' });
      return {};
    },
    RemovePodSandbox: ({ pod_sandbox_id }) => {
      sandboxes.delete(pod_sandbox_id);
      return {};
    },
    CheckpointContainer: () => ({}),
  };

  function implementation(service: Record<string, { path: string }>): grpc.UntypedServiceImplementation {
    return Object.fromEntries(
      Object.keys(service).map((name) => [
        name,
        (call: grpc.ServerUnaryCall<CriRequest<CriMethod>, object>, reply: grpc.sendUnaryData<object>) => {
          const secondsLeft = (Number(call.getDeadline()) - Date.now()) / 1000;
          calls.push({ method: name, request: call.request, secondsLeft });
          const given: Record<string, unknown> = scripted;
          const usual: Record<string, unknown> = own;
          const handler = given[name] ?? usual[name];
          if (typeof handler !== 'function') {
            reply({ code: grpc.status.UNIMPLEMENTED, details: `method ${name} not implemented` });
            return;
          }
          Promise.resolve()
            .then(() => handler(call.request))
            .then(
              (answer: object) => reply(null, answer),
              (error: unknown) =>
                reply({
                  code: error instanceof Fail ? error.code : grpc.status.UNKNOWN,
                  details: errorText(error),
                }),
            );
        },
      ]),
    );
  }

  let server: grpc.Server | undefined;
  const start = async () => {
    const fresh = new grpc.Server();
    fresh.addService(cri().RuntimeService.service, implementation(cri().RuntimeService.service));
    fresh.addService(cri().ImageService.service, implementation(cri().ImageService.service));
    await new Promise<void>((resolve, reject) => {
      fresh.bindAsync(`unix://${socket}`, grpc.ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    server = fresh;
  };
  const stop = async () => {
    server?.forceShutdown();
    server = undefined;
    await rm(socket, { force: true });
  };
  await start();
  return {
    endpoint: `unix://${socket}`,
    calls,
    sandboxes,
    containers,
    on: (handlers) => {
      scripted = { ...scripted, ...handlers };
    },
    stop,
    restart: async () => {
      await stop();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
