// Loads the YAML library on first use. The library is large, and most runs read no YAML file.

export const yaml = (): typeof import('yaml') => require('yaml');
