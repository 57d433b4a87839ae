// Defines how the suite starts kubelets, fake or real.
import type { KubeletOptions } from './kubelet-options';

export interface StartedKubelet {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** Why the kubelet exited on its own, or undefined while it runs. */
  ended(): string | undefined;
  close(): Promise<void>;
}

/**
 * Starts a kubelet and resolves when it responds. If it does not respond or the signal is aborted, rejects and leaves
 * nothing running.
 */
export type StartKubelet = (options: KubeletOptions, signal: AbortSignal) => Promise<StartedKubelet>;

/** First minor version in which the feature gate ContainerCheckpoint is on by default. */
const GATE_ON_SINCE = 30;

/**
 * Makes a function that starts kubelets of one version, unless the circumstances require another version. If the
 * endpoint is off by default in that version, the function switches the endpoint on, unless the circumstances set the
 * feature gate.
 *
 * @param version such as `v1.30.2`; undefined if unknown
 * @param isFake whether the kubelet is a fake that must be told the version
 */
export function ofVersion(start: StartKubelet, version: string | undefined, isFake: boolean): StartKubelet {
  const minor = Number(/^v?1\.(\d+)/.exec(version ?? '')?.[1] ?? Number.NaN);
  if (version === undefined || Number.isNaN(minor)) return start;
  const usual = {
    ...(isFake && { kubernetesVersion: version }),
    ...(minor < GATE_ON_SINCE && { featureGate: true }),
  };
  return (options, signal) =>
    options.circumstances.kubernetesVersion === undefined
      ? start({ ...options, circumstances: { ...usual, ...options.circumstances } }, signal)
      : start(options, signal);
}
