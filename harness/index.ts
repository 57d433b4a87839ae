// The library `ckptest`: the fakes, for tests of clients, and the specs with what runs them.
export * from '../fakes/index';
export { specs } from '../specs/index';
export type { Level, Source, Spec, Strength } from '../specs/spec';
export type { ContainerName, Need } from '../specs/subject';
export type { KnownFailure } from './known-failure';
export { readKnownFailures } from './known-failures';
export { type RunSpecsOptions, runSpecs } from './library/run-specs';
export { openTarget, type TargetOptions } from './library/target';
export type { Exchange, Result, Status, TargetDescription } from './results';
export type { Target } from './targets/target';
