// The runtime of a target that has none for specs to speak to.
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
    whileRefusing: async () => refuse(),
    whileSlow: async () => refuse(),
    restart: async () => refuse(),
    whileListening: async () => refuse(),
    directory: async () => refuse(),
  };
}
