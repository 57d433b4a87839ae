// A bar with the time that is left, on a terminal; nothing elsewhere, where lines say it.

const bars = (): typeof import('cli-progress') => require('cli-progress');

export interface Progress {
  step(id: string): void;
  stop(): void;
}

/** The bar goes to standard error and is gone when it stops. */
export function progressOn(stream: NodeJS.WritableStream & { readonly isTTY?: boolean }, total: number): Progress {
  if (!stream.isTTY) return { step: () => {}, stop: () => {} };
  const format = '{bar} {value}/{total} {eta_formatted} {id}';
  const { Presets, SingleBar } = bars();
  const bar = new SingleBar({ stream, format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0, { id: '' });
  return { step: (id) => bar.increment(1, { id }), stop: () => bar.stop() };
}
