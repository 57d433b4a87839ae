// For the tests of the runtime: a CRI client of promises, a pod in one line, an archive writer without CRIU images.
import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  type CriRequestInit,
  type CriResponse,
  type CriUnaryMethod,
  criCall,
  MAX_MESSAGE_BYTES,
} from '../../../proto/load';
import type { CriStreamMethod } from '../../base/cri-call';
import type { ArchiveWriter } from '../checkpoint/checkpoint';

/** Counts once a second. */
export const COUNTER = ['/bin/sh', '-c', 'i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'];

export interface TestClient extends Disposable {
  call<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options?: CallOptions): Promise<CriResponse<M>>;
  /** What goes wrong with a call: `CODE: details`. */
  failure<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options?: CallOptions): Promise<string>;
  /** A call whose caller can leave before it is answered; what goes wrong with it is as in `failure`. */
  asked<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>): AskedCall;
  /** All messages of a stream that ends. */
  streamed<M extends CriStreamMethod>(method: M, request: CriRequestInit<M>): Promise<CriResponse<M>[]>;
  /** The events from now on, once the runtime knows that somebody listens. */
  events(): EventReader;
  /** Runs a sandbox and returns its id. */
  pod(name?: string, extra?: CriRequestInit<'RunPodSandbox'>['config']): Promise<string>;
  /** Creates and starts a container and returns its id; a counter unless `extra` says otherwise. */
  container(sandbox: string, extra?: CriRequestInit<'CreateContainer'>['config']): Promise<string>;
  /** As `container`, not started. */
  created(sandbox: string, extra?: CriRequestInit<'CreateContainer'>['config']): Promise<string>;
}

/** A call that is under way. */
export interface AskedCall {
  readonly failure: Promise<string>;
  leave(): void;
}

/** Reads events as they come. */
export interface EventReader extends Disposable {
  readonly seen: CriResponse<'GetContainerEvents'>[];
  /** How it ended: `CODE: details`; undefined while it goes on. */
  readonly end: string | undefined;
  pause(): void;
  resume(): void;
}

export function testClient(endpoint: string): TestClient {
  const client = new Client(endpoint.replace(/^tcp:\/\//, ''), credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.enable_channelz': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const own: TestClient = {
    call: <M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options: CallOptions = {}) =>
      new Promise<CriResponse<M>>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = criCall(method);
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          new Metadata(),
          options,
          (error: ServiceError | null, answer) => (error || !answer ? reject(error) : resolve(answer)),
        );
      }),
    failure: (method, request, options) =>
      own.call(method, request, options).then(
        () => 'OK',
        (error: ServiceError) => error.message,
      ),
    asked: (method, request) => {
      const { path, requestSerialize, responseDeserialize } = criCall(method);
      let leave = () => {};
      const failure = new Promise<string>((resolve) => {
        const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
          resolve(error?.message ?? 'OK'),
        );
        leave = () => call.cancel();
      });
      return { failure, leave };
    },
    streamed: <M extends CriStreamMethod>(method: M, request: CriRequestInit<M>) =>
      new Promise<CriResponse<M>[]>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = criCall(method);
        const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
        const messages: CriResponse<M>[] = [];
        stream.on('data', (message: CriResponse<M>) => messages.push(message));
        stream.on('error', reject);
        stream.on('end', () => resolve(messages));
      }),
    events: () => {
      const { path, requestSerialize, responseDeserialize } = criCall('GetContainerEvents');
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
      const seen: CriResponse<'GetContainerEvents'>[] = [];
      let end: string | undefined;
      stream.on('data', (message: CriResponse<'GetContainerEvents'>) => seen.push(message));
      stream.on('error', (error) => {
        end = error.message;
      });
      return {
        seen,
        get end() {
          return end;
        },
        pause: () => stream.pause(),
        resume: () => stream.resume(),
        [Symbol.dispose]: () => stream.cancel(),
      };
    },
    async pod(name = 'pod', extra = {}) {
      const config = { metadata: { name, namespace: 'default', uid: `uid-${name}` }, ...extra };
      return (await own.call('RunPodSandbox', { config })).pod_sandbox_id;
    },
    async created(sandbox, extra = {}) {
      const image = { image: 'docker.io/library/busybox:latest' };
      const config = { metadata: { name: 'main' }, image, command: COUNTER, ...extra };
      return (await own.call('CreateContainer', { pod_sandbox_id: sandbox, config })).container_id;
    },
    async container(sandbox, extra) {
      const container_id = await own.created(sandbox, extra);
      await own.call('StartContainer', { container_id });
      return container_id;
    },
    [Symbol.dispose]: () => client.close(),
  };
  return own;
}

/** Settles when `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Writes the snapshot itself, whole or not at all; tests of archives are elsewhere. */
export const snapshotWriter: ArchiveWriter = {
  entries: () => [],
  async write({ snapshot, location, signal }) {
    const temporary = `${location}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(temporary, JSON.stringify(snapshot), { flag: 'wx', mode: 0o600 });
      signal.throwIfAborted();
      await rename(temporary, location);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  },
};
