// Kubelets that the suite starts, fake or real.
import type { KubeletOptions } from './kubelet-options';

export interface StartedKubelet {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** Why it ended by itself, or undefined while it runs. */
  ended(): string | undefined;
  close(): Promise<void>;
}

/** Returns once it answers; rejects, with nothing left, where it never does or the signal is aborted first. */
export type StartKubelet = (options: KubeletOptions, signal: AbortSignal) => Promise<StartedKubelet>;

/** First minor in which the gate ContainerCheckpoint is on by itself. */
const GATE_ON_SINCE = 30;

/**
 * Kubelets of a version, unless circumstances name another one. Where the endpoint is off by itself it is switched on, as
 * rules take it for there; the rules of the gate say what they want.
 * @param plays whether they have to be told the version
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
