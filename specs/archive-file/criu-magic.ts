// Leading words of CRIU's image files, by the names of the files (criu/include/magic.h).

/** Image files since CRIU 1.6; the inventory stands without it. */
const COMMON = 0x54564319;

const image = (name: RegExp, word: number) => [name, [COMMON, word]] as const;

/** Names of members, and the words that they begin with; images of other names are not judged. */
export const MAGIC_NUMBERS: readonly (readonly [name: RegExp, words: readonly number[]])[] = [
  [/^checkpoint\/inventory\.img$/, [0x58313116]],
  image(/^checkpoint\/pstree\.img$/, 0x50273030),
  image(/^checkpoint\/core-\d+\.img$/, 0x55053847),
  image(/^checkpoint\/mm-\d+\.img$/, 0x57492820),
  image(/^checkpoint\/pagemap-\d+\.img$/, 0x56084025),
  image(/^checkpoint\/ids-\d+\.img$/, 0x54432030),
  image(/^checkpoint\/fs-\d+\.img$/, 0x51403912),
  image(/^checkpoint\/fdinfo-\d+\.img$/, 0x56213732),
  image(/^checkpoint\/files\.img$/, 0x56303138),
  image(/^checkpoint\/mountpoints-\d+\.img$/, 0x55563928),
  image(/^checkpoint\/cgroup\.img$/, 0x59383330),
  image(/^checkpoint\/seccomp\.img$/, 0x64413049),
  image(/^checkpoint\/utsns-\d+\.img$/, 0x54473203),
  image(/^checkpoint\/timens-\d+\.img$/, 0x43114433),
];
