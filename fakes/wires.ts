// The three wires at which a fake can be bent (HTTP, CRI, archive): what passes over each, and how wrappers are chained.
import type { CriMethod, CriRequest, CriResponseInit, CriUnaryMethod } from '../proto/load';
import type { ContainerSnapshot } from './archive/snapshot';

/** One CRI call on its way to the code that answers it. */
export interface CriCall<M extends CriUnaryMethod = CriUnaryMethod> {
  readonly method: M;
  readonly request: CriRequest<M>;
  /** Seconds that the caller gave, as its `grpc-timeout` says; undefined where it set no deadline. */
  readonly deadlineSeconds: number | undefined;
  /** Aborted when the deadline passes or the caller goes away. */
  readonly signal: AbortSignal;
}

/** The CRI calls that answer with a stream. */
export type CriStreamMethod = Exclude<CriMethod, CriUnaryMethod>;

/** One CRI call that is answered with a stream. */
export interface CriStreamCall<M extends CriStreamMethod = CriStreamMethod> {
  readonly method: M;
  readonly request: CriRequest<M>;
  readonly deadlineSeconds: number | undefined;
  /** As of CriCall. */
  readonly signal: AbortSignal;
}

/** One HTTP request as the kubelet's routes see it. */
export interface HttpRequest {
  readonly method: string;
  /** The request target exactly as it came, query included. */
  readonly target: string;
  /** Names in lower case; of several values of one name the first, which is the one that a kubelet looks at. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Who asks, once authentication has said so. */
  readonly user?: User;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Somebody whom the kubelet has authenticated. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What else its authenticator says of it. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** One HTTP answer; header names are sent in the case given here, in this order. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** A member of an archive; `content` is made when it is written, so that size does not cost memory. */
export interface ArchiveEntry {
  /** Path within the archive, without a leading slash; a directory ends in one. */
  readonly name: string;
  readonly mode: number;
  /** Bytes of `content`; 0 for a directory. */
  readonly size: number;
  readonly content?: Buffer | (() => Iterable<Buffer>);
}

/** An archive on its way to disk. */
export interface ArchiveJob {
  readonly snapshot: ContainerSnapshot;
  readonly entries: readonly ArchiveEntry[];
  /** Absolute path asked for by the caller, not yet checked. */
  readonly location: string;
  readonly signal: AbortSignal;
}

/** A wrapper around one wire: it may answer itself, change what goes in or what comes out, or just look. */
export type Wrapper<In, Out> = (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;

export type HttpWrapper = Wrapper<HttpRequest, HttpResponse>;
export type ArchiveWrapper = Wrapper<ArchiveJob, void>;
/** As Wrapper, for whichever CRI call passes. */
export type CriWrapper = Wrapper<CriCall, CriResponseInit<CriUnaryMethod>>;

/** The messages of a stream; one that throws ends the stream with that error. */
export type CriMessages = Iterable<CriResponseInit<CriStreamMethod>> | AsyncIterable<CriResponseInit<CriStreamMethod>>;
/** As CriWrapper, for calls that stream. */
export type CriStreamWrapper = (call: CriStreamCall, next: (call: CriStreamCall) => CriMessages) => CriMessages;

/** As chain, for calls that stream. */
export function chainStreams(wrappers: readonly CriStreamWrapper[], innermost: (call: CriStreamCall) => CriMessages) {
  return wrappers.reduceRight<(call: CriStreamCall) => CriMessages>(
    (next, wrapper) => (call) => wrapper(call, next),
    innermost,
  );
}

/** Puts wrappers around an innermost step, the first one outermost. */
export function chain<In, Out>(wrappers: readonly Wrapper<In, Out>[], innermost: (input: In) => Promise<Out>) {
  return wrappers.reduceRight<(input: In) => Promise<Out>>(
    (next, wrapper) => (input) => wrapper(input, next),
    innermost,
  );
}

/** A wrapper that sees only the calls of one CRI method; all others pass it by. */
export function onMethod<M extends CriUnaryMethod>(
  method: M,
  wrapper: Wrapper<CriCall<M>, CriResponseInit<M>>,
): CriWrapper {
  return (call, next) =>
    call.method === method
      ? wrapper(call as CriCall<M>, next as (call: CriCall<M>) => Promise<CriResponseInit<M>>)
      : next(call);
}
