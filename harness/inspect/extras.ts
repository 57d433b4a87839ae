// Reads contents that only some checkpoints have: GPU memory, volumes of Podman, files in shared memory.
import type { TarMember } from '../../specs/archive-file/tar-walk';
import type { Contents } from './contents';
import { printable } from './findings';
import type { InnerTars } from './inner-tars';
import type { CountedFile, Inspection } from './inspection';
import { MAX_ITEMS } from './metadata';

const GPU_IMAGE = /^checkpoint\/(amdgpu|cuda)-[^/]*\.img$/;
const VOLUME = /^volumes\/(.+)\.tar$/;
const SHARED_MEMORY = 'devshm-checkpoint.tar';

/** Lists GPU images, volumes and shared memory, and counts the files in volumes and in shared memory. */
export async function readExtras(
  { archive }: Contents,
  tars: InnerTars,
): Promise<Pick<Inspection, 'gpuImages' | 'volumes' | 'sharedMemory'>> {
  const counted = async (member: TarMember, name: string): Promise<CountedFile> => {
    let files = 0;
    await tars.list(archive, member, (path) => {
      if (path !== '' && !path.endsWith('/')) files += 1;
    });
    return { name: printable(name), bytes: member.size, files };
  };
  const gpuImages: CountedFile[] = [];
  const volumes: CountedFile[] = [];
  for (const member of archive.members) {
    const [, volume] = VOLUME.exec(member.path) ?? [];
    if (volume !== undefined && volumes.length < MAX_ITEMS) volumes.push(await counted(member, volume));
    if (GPU_IMAGE.test(member.path) && gpuImages.length < MAX_ITEMS)
      gpuImages.push({ name: printable(member.path.slice('checkpoint/'.length)), bytes: member.size });
  }
  const shared = archive.member(SHARED_MEMORY);
  return { gpuImages, volumes, ...(shared && { sharedMemory: await counted(shared, SHARED_MEMORY) }) };
}
