// Exports the commands. Each command is loaded when it is called, so that it does not wait for modules of other
// commands.

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
