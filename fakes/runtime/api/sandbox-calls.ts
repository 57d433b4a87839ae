// Handlers of the calls about pod sandboxes.
import type { PodSandboxConfig } from '../../../proto/types/runtime/v1/PodSandboxConfig';
import { nanoseconds } from '../../go/time';
import type { UnaryHandlers } from '../grpc/calls';
import { pidOf } from '../state/pids';
import { RuntimeError } from '../state/runtime-error';
import type { Sandbox } from '../state/store';
import type { Runtime } from './context';
import { undefinedIfNotFound } from './idempotent';
import { sandboxList } from './lists';
import { checkSecurity } from './validation';
import { sandboxInfo, verboseInfo } from './verbose';
import { sandboxListEntry, sandboxStatus } from './views';

/** Returns `pod_namespace_uid_attempt`. The name stays reserved until the sandbox is removed. */
function sandboxName({ metadata }: PodSandboxConfig): string {
  if (!metadata) throw new RuntimeError('invalid', 'sandbox config must include metadata');
  const { name, namespace, uid, attempt } = metadata;
  for (const [field, value] of Object.entries({ name, namespace, uid })) {
    if (value === '') throw new RuntimeError('invalid', `sandbox config must include metadata with a ${field}`);
  }
  return `${name}_${namespace}_${uid}_${attempt}`;
}

/**
 * Returns the address of the n-th pod with its own network, in 10.88.0.0/16. After 65,000 pods the addresses start
 * again.
 */
function podIp(n: number): string {
  const host = 2 + (n % 65_000);
  return `10.88.${host >> 8}.${host & 255}`;
}

/** Returns the handlers of these calls. */
export function sandboxCalls(runtime: Runtime): UnaryHandlers {
  const { store, lifecycle, clock, ids, handlers } = runtime;
  let networks = 0;

  const stop = (sandbox: Sandbox) => {
    for (const container of sandbox.containers) lifecycle.kill(container);
    if (sandbox.phase === 'ready') store.moveSandbox(sandbox, 'stop');
  };

  return {
    RunPodSandbox: ({ request: { config, runtime_handler } }) => {
      if (!config) throw new RuntimeError('invalid', 'sandbox config must not be empty');
      const name = sandboxName(config);
      if (runtime_handler !== '' && !handlers.includes(runtime_handler)) {
        throw new RuntimeError(
          'invalid',
          `failed to get sandbox runtime: no runtime for ${JSON.stringify(runtime_handler)} is configured`,
        );
      }
      checkSecurity(config.linux?.security_context);
      const ofNode = config.linux?.security_context?.namespace_options?.network === 'NODE';
      const id = ids.next();
      const createdAt = nanoseconds(clock.now());
      store.addSandbox({
        id,
        name,
        config,
        runtimeHandler: runtime_handler,
        createdAt,
        listEntry: sandboxListEntry({ id, config, createdAt, runtimeHandler: runtime_handler }),
        ip: ofNode ? '' : podIp(networks++),
        pid: pidOf(id),
        containers: new Set(),
        phase: 'ready',
      });
      return { pod_sandbox_id: id };
    },
    StopPodSandbox: ({ request }) => {
      const sandbox = undefinedIfNotFound(() => store.sandbox(request.pod_sandbox_id));
      if (sandbox) stop(sandbox);
      return {};
    },
    RemovePodSandbox: ({ request }) => {
      const sandbox = undefinedIfNotFound(() => store.sandbox(request.pod_sandbox_id));
      if (!sandbox) return {};
      stop(sandbox);
      for (const container of sandbox.containers) lifecycle.remove(container);
      store.moveSandbox(sandbox, 'remove');
      return {};
    },
    PodSandboxStatus: ({ request }) => {
      const sandbox = store.sandbox(request.pod_sandbox_id);
      return {
        status: sandboxStatus(sandbox),
        info: verboseInfo(request.verbose, () => sandboxInfo(sandbox, runtime.settings)),
      };
    },
    ListPodSandbox: ({ request }) => sandboxList(store, request.filter),
    UpdatePodSandboxResources: ({ request: { pod_sandbox_id, overhead, resources } }) => {
      const sandbox = store.sandbox(pod_sandbox_id);
      if (sandbox.phase !== 'ready') throw new RuntimeError('wrong-state', `sandbox "${sandbox.id}" is not ready`);
      sandbox.resources = { overhead, resources };
      return {};
    },
  };
}
