// The magic numbers of CRIU's image files, by file name.
import { type CriuMagicName, leadingWords } from '../../proto/criu-magic';

/** Types of CRIU images by the beginning of their file names. Images of other types are not checked. */
const KINDS: Readonly<Record<string, CriuMagicName>> = {
  inventory: 'INVENTORY_MAGIC',
  cgroup: 'CGROUP_MAGIC',
  core: 'CORE_MAGIC',
  fdinfo: 'FDINFO_MAGIC',
  files: 'FILES_MAGIC',
  fs: 'FS_MAGIC',
  ids: 'IDS_MAGIC',
  'ipcns-var': 'IPC_VAR_MAGIC',
  mm: 'MM_MAGIC',
  mountpoints: 'MNTS_MAGIC',
  netns: 'NETNS_MAGIC',
  pagemap: 'PAGEMAP_MAGIC',
  'pagemap-shmem': 'PAGEMAP_MAGIC',
  pstree: 'PSTREE_MAGIC',
  seccomp: 'SECCOMP_MAGIC',
  timens: 'TIMENS_MAGIC',
  userns: 'USERNS_MAGIC',
  utsns: 'UTSNS_MAGIC',
};

/** The statistics of a dump, which runtimes write outside the directory of the images. */
export const STATISTICS = 'stats-dump';

/** Returns the type of an image, which is its file name without the number. */
export const kindOfImage = (path: string): string => path.replace(/^.*\//, '').replace(/(-\d+)?\.img$/, '');

/**
 * Returns the 32-bit magic numbers with which an image must begin; undefined if its type is not known.
 *
 * @param path path of the image in the archive
 */
export function imageMagic(path: string): readonly number[] | undefined {
  if (path === STATISTICS) return leadingWords('STATS_MAGIC');
  const magic = /^checkpoint\/[^/]+\.img$/.test(path) ? KINDS[kindOfImage(path)] : undefined;
  return magic === undefined ? undefined : leadingWords(magic);
}
