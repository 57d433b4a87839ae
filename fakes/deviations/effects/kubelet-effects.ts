// Small changes of a kubelet's options that deviations are built from.
import type { FakeKubeletOptions } from '../../kubelet/server';
import type { FakeKubeletSettings } from '../../kubelet/settings';

/** Replaces settings of the configuration. */
export const settings = (change: Partial<FakeKubeletSettings>) => ({
  kubelet: (options: FakeKubeletOptions) => ({ ...options, configuration: { ...options.configuration, ...change } }),
});

/** Turns the feature gate on or off, and ignores the configuration. */
export const gate = (on: boolean) => settings({ featureGates: { ContainerCheckpoint: on } });
