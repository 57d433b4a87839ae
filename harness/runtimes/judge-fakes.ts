// The judge job: archives that the fake runtime wrote, before tools that were made for real ones.
import { expectedOf, memberSizes } from './expected-archive';
import { writeFakeArchive } from './fake-archive';
import { FAKE_WORKLOADS } from './fake-workloads';
import type { Progress } from './image';
import { judgeArchive } from './judge';
import type { StartedRuntimeContainer } from './runtime-container';

/** Every difference between what was put into fake archives and what the tools in the container make of them. */
export async function judgeFakes(container: StartedRuntimeContainer, progress: Progress): Promise<string[]> {
  const differences: string[] = [];
  for (const workload of FAKE_WORKLOADS) {
    const { path, snapshot } = await writeFakeArchive(container.getSharedFolder(), workload);
    const found = await judgeArchive(container, path, expectedOf(snapshot, await memberSizes(path)));
    progress(`judges on ${workload.name}: ${found.length === 0 ? 'all as put in' : `${found.length} differences`}`);
    differences.push(...found.map((difference) => `${workload.name}: ${difference}`));
  }
  return differences;
}
