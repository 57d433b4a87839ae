// The library: a fake CRI runtime and a fake kubelet with the checkpoint endpoint, for tests in one process.
export type { Policy, Rule, TokenEntry } from './api-server/policy';
export { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from './api-server/server';
export { type Clock, ManualClock } from './base/clock';
export { MovableClock } from './base/movable-clock';
export { UserError } from './base/user-error';
export type { Faults } from './faults/faults';
export type { RuleReport } from './faults/matcher';
export { readPlan, readPlanFile } from './faults/read-plan';
export type { Action, ArchiveFault, FaultRule, Match } from './faults/rule';
export type { KubeletCredentials } from './kubelet/credentials';
export type { HttpRecord } from './kubelet/request-log';
export type { FakeKubelet } from './kubelet/server';
export type { Controlled, NodeState, PodName } from './node/control/controlled';
export { type FakeNode, type NodeOptions, startFakeNode } from './node/node';
export { type FakeRuntime, type RuntimeOptions, startFakeRuntime } from './node/runtime';
export type { CheckpointImage } from './runtime/checkpoint/checkpoint-image';
export type { ContainerView, RuntimeControl, RuntimeView, SandboxView } from './runtime/control';
export type { CallRecord } from './runtime/grpc/call-log';
