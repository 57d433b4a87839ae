// Small changes of a kubelet's options that deviations are put together from.
import type { FakeKubeletOptions } from '../../kubelet/server';
import type { FakeKubeletSettings } from '../../kubelet/settings';

/** Other settings, whatever is configured. */
export const settings = (change: Partial<FakeKubeletSettings>) => ({
  kubelet: (options: FakeKubeletOptions) => ({ ...options, configuration: { ...options.configuration, ...change } }),
});

/** The feature gate, whatever is configured. */
export const gate = (on: boolean) => settings({ featureGates: { ContainerCheckpoint: on } });
