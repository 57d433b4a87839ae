// Kubelets that the suite starts, fake or real.
import type { KubeletWish } from './kubelet-wish';

export interface StartedKubelet {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** Why it ended by itself, or undefined while it runs. */
  ended(): string | undefined;
  close(): Promise<void>;
}

/** Returns once it answers; rejects, with nothing left, where it never does or the signal is aborted first. */
export type StartKubelet = (wish: KubeletWish, signal: AbortSignal) => Promise<StartedKubelet>;
