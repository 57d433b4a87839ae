// Checks archives that the fake runtime wrote with tools for archives of real runtimes.
import { expectedOf, memberSizes } from './expected-archive';
import { LAYOUTS, type LayoutName, writeFakeArchive } from './fake-archive';
import { FAKE_WORKLOADS } from './fake-workloads';
import type { ImageProgress } from './image';
import { judgeArchive } from './judge';
import { judgeImages } from './judge-crit';
import { judgeList } from './judge-list';
import { judgeMemory } from './judge-memory';
import type { StartedRuntimeContainer } from './runtime-container';

const JUDGES = [judgeArchive, judgeMemory, judgeList, judgeImages];

/**
 * Checks fake archives with all tools in the container.
 *
 * @returns one sentence for each difference
 */
export async function judgeFakes(container: StartedRuntimeContainer, progress: ImageProgress): Promise<string[]> {
  const layouts = Object.keys(LAYOUTS) as LayoutName[];
  const differences: string[] = [];
  for (const workload of FAKE_WORKLOADS)
    for (const layout of layouts) {
      const { path, snapshot } = await writeFakeArchive(container.getSharedDirectory(), workload, layout);
      const expected = expectedOf(snapshot, await memberSizes(path), layout);
      const found: string[] = [];
      for (const judge of JUDGES) found.push(...(await judge(container, path, expected)));
      const title = `${workload.name} as ${layout} writes it`;
      progress(`tools on ${title}: ${found.length === 0 ? 'as expected' : `${found.length} differences`}`);
      differences.push(...found.map((difference) => `${title}: ${difference}`));
    }
  return differences;
}
