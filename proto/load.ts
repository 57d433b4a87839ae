// Loads the definitions of CRI v1 (as gRPC services) and of CRIU images and Kubernetes reviews (as codecs). Type casts
// of loaded definitions are only in this file.
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType as Cri } from './types/api';
import type { ProtoGrpcType as Criu } from './types/images';
import type { ImageServiceDefinition } from './types/runtime/v1/ImageService';
import type { RuntimeServiceDefinition } from './types/runtime/v1/RuntimeService';

/** The options with which `types/` is generated: names as in the proto files, 64-bit integers and enums as strings. */
const LOADING = { keepCase: true, longs: String, enums: String } as const;

/** Maximum size of a gRPC message in both directions, bytes, as kubelets and runtimes configure it for CRI. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

type CriPackage = Cri['runtime']['v1'];
type CriuPackage = Criu['criu'];

let criPackage: CriPackage | undefined;
let criuPackage: { [name: string]: unknown } | undefined;
const criuCodecs = new Map<CriuMessageName, object>();

/**
 * Loads CRI v1.
 *
 * @returns clients (`new (cri().RuntimeService)(address, ...)`) and service definitions (`cri().RuntimeService.service`)
 */
export function cri(): CriPackage {
  if (!criPackage) {
    const definition = loadSync(path.join(__dirname, 'cri/v1/api.proto'), { ...LOADING, defaults: true, oneofs: true });
    criPackage = (grpc.loadPackageDefinition(definition) as unknown as Cri).runtime.v1;
  }
  return criPackage;
}

/** CRIU's name of a message in its image files. */
export type CriuMessageName = {
  [Name in keyof CriuPackage]: CriuPackage[Name] extends MessageTypeDefinition<object, object> ? Name : never;
}[keyof CriuPackage];
/** The object from which a CRIU message is encoded. */
export type CriuInit<Name extends CriuMessageName> =
  CriuPackage[Name] extends MessageTypeDefinition<infer Init, object> ? Init : never;
/** The object to which a CRIU message is decoded. Fields that are not set are missing. */
export type CriuMessage<Name extends CriuMessageName> =
  CriuPackage[Name] extends MessageTypeDefinition<object, infer Message> ? Message : never;

/** Encodes and decodes one kind of CRIU message. */
export interface CriuCodec<Name extends CriuMessageName> {
  encode(message: CriuInit<Name>): Buffer;
  /** Decodes a message. Throws an Error if the bytes are not a valid message. */
  decode(bytes: Buffer): CriuMessage<Name>;
}

/** Returns the codec of a CRIU message. It does not handle the magic numbers and sizes of image files. */
export function criu<Name extends CriuMessageName>(name: Name): CriuCodec<Name> {
  const known = criuCodecs.get(name) ?? criuCodec(name);
  criuCodecs.set(name, known);
  return known as CriuCodec<Name>;
}

function criuCodec<Name extends CriuMessageName>(name: Name): CriuCodec<Name> {
  criuPackage ??= loadSync(path.join(__dirname, 'criu/images.proto'), LOADING);
  const definition = criuPackage[`criu.${name}`] as MessageTypeDefinition<
    CriuInit<Name> & object,
    CriuMessage<Name> & object
  >;
  return { encode: definition.serialize, decode: definition.deserialize };
}

/** Name of a message of the Kubernetes API that the fakes use. `Unknown` is the envelope of the other messages. */
export type KubernetesMessage = 'Unknown' | 'TokenReview' | 'SubjectAccessReview';

/** Encodes and decodes one kind of Kubernetes message. */
export interface KubernetesCodec {
  encode(message: object): Buffer;
  /**
   * Decodes a message. Fields that are not set are missing in the result. Throws an Error if the bytes are not a valid
   * message.
   */
  decode(bytes: Buffer): Readonly<Record<string, unknown>>;
}

let kubernetesPackage: { [name: string]: unknown } | undefined;

/** Returns the codec of a Kubernetes message. */
export function kubernetes(name: KubernetesMessage): KubernetesCodec {
  kubernetesPackage ??= loadSync(path.join(__dirname, 'kubernetes/reviews.proto'), LOADING);
  const definition = kubernetesPackage[`kubernetes.${name}`] as MessageTypeDefinition<object, Record<string, unknown>>;
  return { encode: definition.serialize, decode: definition.deserialize };
}

/**
 * Removes the index signature of a service definition. With this signature, every string would be the name of a method.
 */
type Named<D> = { [K in keyof D as string extends K ? never : number extends K ? never : K]: D[K] };
type Definition = Named<RuntimeServiceDefinition> & Named<ImageServiceDefinition>;
/** Name of a CRI v1 call of either service. */
export type CriMethod = keyof Definition;
/** Name of a CRI call whose response is a single message, not a stream. */
export type CriUnaryMethod = Exclude<CriMethod, `Stream${string}` | 'GetContainerEvents'>;
/** A request that a server has received. All fields are set. */
export type CriRequest<M extends CriMethod> = ReturnType<Definition[M]['requestDeserialize']>;
/** A request that a client sends. Fields may be missing. */
export type CriRequestInit<M extends CriMethod> = Parameters<Definition[M]['requestSerialize']>[0];
/** A response that a client has received. All fields are set. */
export type CriResponse<M extends CriMethod> = ReturnType<Definition[M]['responseDeserialize']>;
/** A response that a server sends. Fields may be missing. */
export type CriResponseInit<M extends CriMethod> = Parameters<Definition[M]['responseSerialize']>[0];

/** The wire definition of a CRI call. */
export interface CriCallDefinition<M extends CriMethod> {
  readonly service: 'RuntimeService' | 'ImageService';
  /** The path of the call: `/runtime.v1.<service>/<method>`. */
  readonly path: string;
  readonly requestSerialize: (request: CriRequestInit<M>) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => CriRequest<M>;
  readonly responseSerialize: (response: CriResponseInit<M>) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => CriResponse<M>;
}

const definitions = new Map<CriMethod, object>();

/** Returns the wire definition of a CRI call. */
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
