// The YAML library, loaded where somebody has a file in YAML: most runs have none, and it is the largest thing they load.

export const yaml = (): typeof import('yaml') => require('yaml');
