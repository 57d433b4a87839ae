// Loads the wire contracts: CRI v1 as gRPC services, CRIU image messages as codecs. The only file that casts.
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType as Cri } from './types/api';
import type { ProtoGrpcType as Criu } from './types/images';
import type { ImageServiceDefinition } from './types/runtime/v1/ImageService';
import type { RuntimeServiceDefinition } from './types/runtime/v1/RuntimeService';

/** The options under which the types in `types/` were made: names as in the files, 64-bit numbers and enums as strings. */
const WORDING = { keepCase: true, longs: String, enums: String } as const;

/** Both directions of a gRPC message are limited to 16 MiB in CRI (bytes), as kubelet and runtimes set it. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

type CriPackage = Cri['runtime']['v1'];
type CriuPackage = Criu['criu'];

let criPackage: CriPackage | undefined;
let criuPackage: { [name: string]: unknown } | undefined;
const criuCodecs = new Map<CriuMessageName, object>();

/** CRI v1: clients (`new cri().RuntimeService(address, ...)`) and service definitions (`cri().RuntimeService.service`). */
export function cri(): CriPackage {
  if (!criPackage) {
    const definition = loadSync(path.join(__dirname, 'cri/v1/api.proto'), { ...WORDING, defaults: true, oneofs: true });
    criPackage = (grpc.loadPackageDefinition(definition) as unknown as Cri).runtime.v1;
  }
  return criPackage;
}

/** Name of a message of CRIU image files, as CRIU names it. */
export type CriuMessageName = {
  [Name in keyof CriuPackage]: CriuPackage[Name] extends MessageTypeDefinition<object, object> ? Name : never;
}[keyof CriuPackage];
/** What a CRIU message may be encoded from. */
export type CriuInit<Name extends CriuMessageName> =
  CriuPackage[Name] extends MessageTypeDefinition<infer Init, object> ? Init : never;
/** What a CRIU message is decoded to; an absent field is an absent key. */
export type CriuMessage<Name extends CriuMessageName> =
  CriuPackage[Name] extends MessageTypeDefinition<object, infer Message> ? Message : never;

/** Turns one kind of CRIU message into bytes and back. */
export interface CriuCodec<Name extends CriuMessageName> {
  encode(message: CriuInit<Name>): Buffer;
  /** Throws on bytes that are not this message. */
  decode(bytes: Buffer): CriuMessage<Name>;
}

/** The codec of one CRIU message; framing (magic, sizes) is not its business. */
export function criu<Name extends CriuMessageName>(name: Name): CriuCodec<Name> {
  const known = criuCodecs.get(name) ?? criuCodec(name);
  criuCodecs.set(name, known);
  return known as CriuCodec<Name>;
}

function criuCodec<Name extends CriuMessageName>(name: Name): CriuCodec<Name> {
  criuPackage ??= loadSync(path.join(__dirname, 'criu/images.proto'), WORDING);
  const definition = criuPackage[`criu.${name}`] as MessageTypeDefinition<
    CriuInit<Name> & object,
    CriuMessage<Name> & object
  >;
  return { encode: definition.serialize, decode: definition.deserialize };
}

/** Messages of the Kubernetes API that are read here. */
export type KubernetesMessage = 'Unknown' | 'TokenReview' | 'SubjectAccessReview';

/** One of them to bytes and back; an absent field is an absent key. `decode` throws on bytes that are not this message. */
export interface KubernetesCodec {
  encode(message: object): Buffer;
  decode(bytes: Buffer): Readonly<Record<string, unknown>>;
}

let kubernetesPackage: { [name: string]: unknown } | undefined;

/** The codec of a message of the Kubernetes API. */
export function kubernetes(name: KubernetesMessage): KubernetesCodec {
  kubernetesPackage ??= loadSync(path.join(__dirname, 'kubernetes/reviews.proto'), WORDING);
  const definition = kubernetesPackage[`kubernetes.${name}`] as MessageTypeDefinition<object, Record<string, unknown>>;
  return { encode: definition.serialize, decode: definition.deserialize };
}

/** Only what is named: a service definition also has an index signature, under which every string is a method. */
type Named<D> = { [K in keyof D as string extends K ? never : number extends K ? never : K]: D[K] };
type Definition = Named<RuntimeServiceDefinition> & Named<ImageServiceDefinition>;
/** Name of a CRI v1 call, of either service. */
export type CriMethod = keyof Definition;
/** The CRI calls that answer once; the others stream. */
export type CriUnaryMethod = Exclude<CriMethod, `Stream${string}` | 'GetContainerEvents'>;
/** A request as the server sees it: every field present. */
export type CriRequest<M extends CriMethod> = ReturnType<Definition[M]['requestDeserialize']>;
/** A request as a client may give it. */
export type CriRequestInit<M extends CriMethod> = Parameters<Definition[M]['requestSerialize']>[0];
/** An answer as the client sees it: every field present. */
export type CriResponse<M extends CriMethod> = ReturnType<Definition[M]['responseDeserialize']>;
/** An answer as a server may give it. */
export type CriResponseInit<M extends CriMethod> = Parameters<Definition[M]['responseSerialize']>[0];

/** How one CRI call goes over the wire. */
export interface CriCallDefinition<M extends CriMethod> {
  readonly service: 'RuntimeService' | 'ImageService';
  /** `/runtime.v1.<service>/<method>`. */
  readonly path: string;
  readonly requestSerialize: (request: CriRequestInit<M>) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => CriRequest<M>;
  readonly responseSerialize: (response: CriResponseInit<M>) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => CriResponse<M>;
}

const definitions = new Map<CriMethod, object>();

/** The wire definition of a call, found by its name, with the types of that call. */
export function criCall<M extends CriMethod>(method: M): CriCallDefinition<M> {
  const known = definitions.get(method) ?? definitionOf(method);
  definitions.set(method, known);
  return known as CriCallDefinition<M>;
}

function definitionOf<M extends CriMethod>(method: M): CriCallDefinition<M> {
  const { RuntimeService, ImageService } = cri();
  const inRuntime = method in RuntimeService.service;
  const definition = (inRuntime ? RuntimeService : ImageService).service[method];
  return { ...(definition as unknown as CriCallDefinition<M>), service: inRuntime ? 'RuntimeService' : 'ImageService' };
}
