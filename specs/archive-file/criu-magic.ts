// The words that CRIU's image files begin with, by the names of the files.
import { leadingWords } from '../../proto/criu-magic';

/** Names of members, and the words that they begin with. Images with other names are not judged. */
export const MAGIC_NUMBERS: readonly (readonly [name: RegExp, words: readonly number[]])[] = [
  [/^checkpoint\/inventory\.img$/, leadingWords('INVENTORY_MAGIC')],
  [/^checkpoint\/pstree\.img$/, leadingWords('PSTREE_MAGIC')],
  [/^checkpoint\/core-\d+\.img$/, leadingWords('CORE_MAGIC')],
  [/^checkpoint\/mm-\d+\.img$/, leadingWords('MM_MAGIC')],
  [/^checkpoint\/pagemap-\d+\.img$/, leadingWords('PAGEMAP_MAGIC')],
  [/^checkpoint\/ids-\d+\.img$/, leadingWords('IDS_MAGIC')],
  [/^checkpoint\/fs-\d+\.img$/, leadingWords('FS_MAGIC')],
  [/^checkpoint\/fdinfo-\d+\.img$/, leadingWords('FDINFO_MAGIC')],
  [/^checkpoint\/files\.img$/, leadingWords('FILES_MAGIC')],
  [/^checkpoint\/mountpoints-\d+\.img$/, leadingWords('MNTS_MAGIC')],
  [/^checkpoint\/cgroup\.img$/, leadingWords('CGROUP_MAGIC')],
  [/^checkpoint\/seccomp\.img$/, leadingWords('SECCOMP_MAGIC')],
  [/^checkpoint\/utsns-\d+\.img$/, leadingWords('UTSNS_MAGIC')],
  [/^checkpoint\/timens-\d+\.img$/, leadingWords('TIMENS_MAGIC')],
];
