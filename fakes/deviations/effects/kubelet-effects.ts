// Makes the small changes of a kubelet's options of which deviations consist.
import type { FakeKubeletOptions } from '../../kubelet/server';
import type { FakeKubeletSettings } from '../../kubelet/settings';

/** Makes a change that replaces settings of the configuration. */
export const settings = (change: Partial<FakeKubeletSettings>) => ({
  kubelet: (options: FakeKubeletOptions) => ({ ...options, configuration: { ...options.configuration, ...change } }),
});

/** Makes a change that turns the feature gate on or off, whatever the configuration. */
export const gate = (on: boolean) => settings({ featureGates: { ContainerCheckpoint: on } });
