// A process for the benchmark: a fake runtime. Sends its endpoint at startup, and its memory on request.
import { startRuntimeServer } from '../../../fakes/runtime/server';

async function main() {
  const runtime = await startRuntimeServer();
  process.send?.({ endpoint: runtime.endpoint });
  process.on('message', () => process.send?.({ residentBytes: process.memoryUsage.rss() }));
  process.once('disconnect', () => void runtime.close());
}

void main();
