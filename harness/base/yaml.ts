// Loads the YAML library on first use. It is the largest module that a run can load, and most runs read no YAML file.

export const yaml = (): typeof import('yaml') => require('yaml');
