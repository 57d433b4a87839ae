// Starts fake kubelets in this process, with the same configuration as a kubelet that runs as a process.
import type { FakeKubeletOptions } from '../../../fakes/kubelet/server';
import { kubeletConfiguration } from './kubelet-options';
import type { StartKubelet } from './kubelets';

/**
 * Pause before a failed review is repeated, milliseconds. A real kubelet waits half a second, which would only slow
 * runs down.
 */
const REVIEW_PAUSE_MS = 1;

/** Modules that are loaded with the first kubelet, because many specs need no kubelet. */
const load = {
  server: (): typeof import('../../../fakes/kubelet/server') => require('../../../fakes/kubelet/server'),
  configuration: (): typeof import('../../../fakes/kubelet/configuration/read-configuration') =>
    require('../../../fakes/kubelet/configuration/read-configuration'),
} as const;

/**
 * Makes a function that starts fake kubelets.
 *
 * @param effects applies the chosen deviations to the options of a kubelet
 */
export function fakeKubelets(effects: (options: FakeKubeletOptions) => FakeKubeletOptions): StartKubelet {
  return async (options) => {
    const { nodeName, connections, circumstances } = options;
    const { kubernetesVersion, rootDirectory } = circumstances;
    const text = JSON.stringify(kubeletConfiguration(options, 0));
    const kubelet = await load.server().startFakeKubelet(
      effects({
        runtimeEndpoint: connections.runtimeEndpoint,
        imageEndpoint: connections.imageEndpoint,
        nodeName,
        reviewPauseMs: REVIEW_PAUSE_MS,
        ...(connections.kubeconfig !== undefined && { kubeconfig: connections.kubeconfig }),
        ...(rootDirectory === 'default' ? { unmanagedRootDirectory: true } : { rootDirectory: options.rootDirectory }),
        ...(kubernetesVersion !== undefined && { kubernetesVersion }),
        configuration: load.configuration().parseConfiguration(`the configuration of ${nodeName}`, text).settings,
      }),
    );
    return { url: kubelet.url, ended: () => undefined, close: () => kubelet.close() };
  };
}
