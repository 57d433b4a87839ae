// The magic numbers of CRIU's image files, by the names of the files.
import { type CriuMagicName, leadingWords } from '../../proto/criu-magic';

/** Kinds of images: what their file names begin with. Images of other kinds are not judged. */
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

/** The statistics of a dump, which runtimes put beside the directory with the images. */
export const STATISTICS = 'stats-dump';

/** Returns the kind of an image, which is its file name without its number. */
export const kindOfImage = (path: string): string => path.replace(/^.*\//, '').replace(/(-\d+)?\.img$/, '');

/**
 * Returns the words that an image begins with; undefined if its kind is not known.
 *
 * @param path its path in the archive
 */
export function imageMagic(path: string): readonly number[] | undefined {
  if (path === STATISTICS) return leadingWords('STATS_MAGIC');
  const magic = /^checkpoint\/[^/]+\.img$/.test(path) ? KINDS[kindOfImage(path)] : undefined;
  return magic === undefined ? undefined : leadingWords(magic);
}
