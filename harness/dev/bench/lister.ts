// A process for the benchmark that lists all containers of a runtime repeatedly until its parent exits.
import { connectToRuntime } from './client';

async function main(endpoint: string) {
  const client = connectToRuntime(endpoint);
  process.once('disconnect', () => process.exit());
  const { sizes, times } = { sizes: [] as number[], times: [] as number[] };
  process.on('message', () => process.send?.({ bytes: sizes.at(-1), times }));
  for (;;) {
    const start = performance.now();
    sizes.push(await client.bytesOf('ListContainers', {}));
    times.push(performance.now() - start);
    if (times.length === 1) process.send?.({ listing: true });
  }
}

void main(process.argv[2] ?? '');
