// A fake runtime in a process of its own, for the benchmark: says where it is, and what it holds when asked.
import { startRuntimeServer } from '../../../fakes/runtime/server';

async function main() {
  const runtime = await startRuntimeServer();
  process.send?.({ endpoint: runtime.endpoint });
  process.on('message', () => process.send?.({ residentBytes: process.memoryUsage.rss() }));
  process.once('disconnect', () => void runtime.close());
}

void main();
