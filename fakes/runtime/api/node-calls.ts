// Handlers of the calls about the runtime as a whole: Version, Status, RuntimeConfig, UpdateRuntimeConfig.
import type { UnaryHandlers } from '../grpc/calls';
import type { Runtime } from './context';

/** The only versions of the kubelet's runtime API and of CRI that kubelets and crictl accept. */
const KUBELET_API_VERSION = '0.1.0';
const CRI_VERSION = 'v1';

const HANDLER_FEATURES = { recursive_read_only_mounts: true, user_namespaces: true };

/** Returns the handlers of these calls. */
export function nodeCalls({ settings, handlers, stateDirectory }: Runtime): UnaryHandlers {
  let podCidr = '';
  const verboseStatus = (): Record<string, string> => ({
    config: JSON.stringify({ stateDir: stateDirectory, cgroupDriver: settings.cgroupDriver, podCidr }),
    lastCNILoadStatus: 'OK',
  });
  return {
    Version: () => ({
      version: KUBELET_API_VERSION,
      runtime_name: settings.name,
      runtime_version: settings.version,
      runtime_api_version: CRI_VERSION,
    }),
    Status: ({ request }) => ({
      status: {
        conditions: [
          { type: 'RuntimeReady', status: true, reason: '', message: '' },
          { type: 'NetworkReady', status: true, reason: '', message: '' },
        ],
      },
      runtime_handlers: ['', ...handlers].map((name) => ({ name, features: HANDLER_FEATURES })),
      features: { supplemental_groups_policy: true },
      info: request.verbose ? verboseStatus() : {},
    }),
    RuntimeConfig: () => ({ linux: { cgroup_driver: settings.cgroupDriver } }),
    UpdateRuntimeConfig: ({ request }) => {
      podCidr = request.runtime_config?.network_config?.pod_cidr ?? podCidr;
      return {};
    },
  };
}
