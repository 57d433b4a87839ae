// The interface of the simulated processes. The rest of the runtime imports only this file from `process`, `shell`,
// `programs` and `machine`; the linter enforces this.
export { ACCOUNTS, type Account } from '../machine/accounts';
export { Machine, type MachineState } from '../machine/machine';
export type { Surroundings, User } from '../machine/surroundings';
export { commandScript, timedScript } from './exec-script';
export { type Program, scriptOf } from './program';
export { Workload } from './workload';
export type { ProcessView, ResumedProcess, WorkloadEvents } from './workload-parts';
export { decodeState, encodeState } from './workload-state';
