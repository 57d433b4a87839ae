// The library `ckptest`: the fakes for tests of clients, and the specs with functions that run them.
export * from '../fakes/index';
export { specs } from '../specs/index';
export type { Level, Source, Spec, Strength } from '../specs/subject/spec';
export type { ContainerName, Need } from '../specs/subject/subject';
export type { InspectionFinding, Severity } from './inspect/findings';
export { inspectArchive } from './inspect/inspect-archive';
export type { Inspection } from './inspect/inspection';
export { type ReadCheckpoint, readCheckpoint } from './library/read-checkpoint';
export { type RunSpecsOptions, runSpecs } from './library/run-specs';
export { openTarget, type TargetOptions } from './library/target';
export type { KnownFailure } from './report/known-failure';
export { readKnownFailures } from './report/known-failures';
export type { Exchange, Result, Status, TargetDescription } from './report/results';
export type { Target } from './targets/target';
