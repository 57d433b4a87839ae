// Provides, for tests of the runtime, a CRI client with promises, and an archive writer that writes no CRIU images.
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

/** A command that prints a number every second. */
export const COUNTER = ['/bin/sh', '-c', 'i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'];

export interface TestClient extends Disposable {
  call<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options?: CallOptions): Promise<CriResponse<M>>;
  /** Returns the error of a call that must fail, as `CODE: details`. */
  failure<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>, options?: CallOptions): Promise<string>;
  /** Starts a call that the test can cancel before the response. */
  startCall<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>): StartedCall;
  /** Returns all messages of a stream that ends. */
  collectStream<M extends CriStreamMethod>(method: M, request: CriRequestInit<M>): Promise<CriResponse<M>[]>;
  /** Subscribes to events, and waits until the runtime has registered the subscriber. */
  events(): EventReader;
  /** Runs a sandbox and returns its id. */
  pod(name?: string, extra?: CriRequestInit<'RunPodSandbox'>['config']): Promise<string>;
  /**
   * Creates and starts a container and returns its id. The container runs COUNTER unless `extra` contains another
   * command.
   */
  container(sandbox: string, extra?: CriRequestInit<'CreateContainer'>['config']): Promise<string>;
  /** Creates a container without starting it, and returns its id. */
  created(sandbox: string, extra?: CriRequestInit<'CreateContainer'>['config']): Promise<string>;
}

/** A call that is in progress. */
export interface StartedCall {
  readonly failure: Promise<string>;
  cancel(): void;
}

/** Reads events as they arrive. */
export interface EventReader extends Disposable {
  readonly seen: CriResponse<'GetContainerEvents'>[];
  /** The error that ended the stream, as `CODE: details`; undefined while the stream is open. */
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
    startCall: (method, request) => {
      const { path, requestSerialize, responseDeserialize } = criCall(method);
      let cancelCall = () => {};
      const failure = new Promise<string>((resolve) => {
        const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
          resolve(error?.message ?? 'OK'),
        );
        cancelCall = () => call.cancel();
      });
      return { failure, cancel: cancelCall };
    },
    collectStream: <M extends CriStreamMethod>(method: M, request: CriRequestInit<M>) =>
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

/** Waits until `condition` returns true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Writes the snapshot as JSON instead of an archive, either completely or not at all. */
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
