// Replaces the runtime if specs cannot call it: every call throws Unsupported.
import { Unsupported } from '../../../specs/subject/expect';
import type { Runtime } from '../../../specs/subject/subject';

export function noRuntime(reason: string): Runtime {
  const refuse = (): never => {
    throw new Unsupported(reason);
  };
  return {
    call: async () => refuse(),
    created: async () => refuse(),
    tried: async () => refuse(),
    started: async () => refuse(),
    checkpointed: async () => refuse(),
    dumps: refuse,
    whileRefusing: async () => refuse(),
    whileSlow: async () => refuse(),
    restart: async () => refuse(),
    whileListening: async () => refuse(),
    directory: async () => refuse(),
  };
}
