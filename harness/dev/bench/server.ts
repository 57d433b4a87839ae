// A process for the benchmark that runs a fake runtime. It sends its endpoint at startup, and its memory usage on
// request.
import { startRuntimeServer } from '../../../fakes/runtime/server';

async function main() {
  const runtime = await startRuntimeServer();
  process.send?.({ endpoint: runtime.endpoint });
  process.on('message', () => process.send?.({ residentBytes: process.memoryUsage.rss() }));
  process.once('disconnect', () => void runtime.close());
}

void main();
