// Shows a progress bar with the remaining time on a terminal. Without a terminal the printed lines show the progress.

const bars = (): typeof import('cli-progress') => require('cli-progress');

export interface Progress {
  step(id: string): void;
  stop(): void;
}

/**
 * Starts a progress bar.
 *
 * @param stream standard error; nothing is written if it is not a terminal
 * @param total number of steps
 * @returns the bar, which `stop` removes from the screen
 */
export function progressOn(stream: NodeJS.WritableStream & { readonly isTTY?: boolean }, total: number): Progress {
  if (!stream.isTTY) return { step: () => {}, stop: () => {} };
  const format = '{bar} {value}/{total} {eta_formatted} {id}';
  const { Presets, SingleBar } = bars();
  const bar = new SingleBar({ stream, format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0, { id: '' });
  return { step: (id) => bar.increment(1, { id }), stop: () => bar.stop() };
}
