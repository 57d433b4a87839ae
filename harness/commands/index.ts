// Exports the commands. Each command is loaded only when it is called, so that no command has to load the modules of
// the others.

export const commands = {
  run: (): typeof import('./run') => require('./run'),
  inspect: (): typeof import('./inspect') => require('./inspect'),
  diff: (): typeof import('./diff') => require('./diff'),
  knownFailures: (): typeof import('./known-failures') => require('./known-failures'),
  specs: (): typeof import('./specs') => require('./specs'),
  personas: (): typeof import('./personas') => require('./personas'),
  serve: (): typeof import('./serve') => require('./serve'),
  kubelet: (): typeof import('./kubelet') => require('./kubelet'),
} as const;
