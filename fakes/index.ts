// The library: fakes of a CRI runtime and of a kubelet's checkpoint endpoint, for tests in one process.
export type { Policy, Rule, TokenEntry } from './api-server/policy';
export { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from './api-server/server';
export { type Clock, ManualClock } from './clock';
export type { Controlled, NodeState, PodName } from './control/controlled';
export { MovableClock } from './control/movable-clock';
export type { Faults } from './faults/faults';
export type { RuleReport } from './faults/matcher';
export { readPlan, readPlanFile } from './faults/read-plan';
export type { Action, ArchiveFault, FaultRule, Match } from './faults/rule';
export type { Credentials } from './kubelet/credentials';
export type { HttpRecord } from './kubelet/request-log';
export type { FakeKubelet } from './kubelet/server';
export { type FakeNode, type NodeOptions, startFakeNode } from './library/node';
export { type FakeRuntime, type RuntimeOptions, startFakeRuntime } from './library/runtime';
export type { CallRecord } from './runtime/call-log';
export type { CheckpointImage } from './runtime/checkpoint-image';
export type { ContainerView, RuntimeControl, RuntimeView, SandboxView } from './runtime/control';
export { UserError } from './user-error';
