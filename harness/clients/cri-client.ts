// A CRI client for specs: every call ends in an outcome, failures included.
import * as grpc from '@grpc/grpc-js';
import {
  type CriRequestInit,
  type CriResponse,
  type CriUnaryMethod,
  cri,
  criCall,
  MAX_MESSAGE_BYTES,
} from '../../proto/load';
import type { ContainerEvent, CriOutcome } from '../../specs/subject/subject';

const LIMITS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // One connection per client object, so that closing one never ends another's calls.
  'grpc.use_local_subchannel_pool': 1,
};

/** The code's name in the upper case of the gRPC documents. */
const codeName = (code: grpc.status) => grpc.status[code] ?? `CODE_${code}`;

/** grpc-js ends what it says of a failed connection in a note, which is empty unless a name was looked up. */
const withoutNote = (details: string) => details.replace(/\. Resolution note: $/, '');

/** Node's form of a CRI endpoint: `unix:///path` or `tcp://host:port`. */
function address(endpoint: string): string {
  return endpoint.startsWith('tcp://') ? endpoint.slice('tcp://'.length) : endpoint;
}

export class CriClient {
  readonly #runtime: grpc.Client;
  readonly #images: grpc.Client;

  constructor(runtimeEndpoint: string, imageEndpoint = runtimeEndpoint) {
    const { RuntimeService, ImageService } = cri();
    this.#runtime = new RuntimeService(address(runtimeEndpoint), grpc.credentials.createInsecure(), LIMITS);
    this.#images = new ImageService(address(imageEndpoint), grpc.credentials.createInsecure(), LIMITS);
  }

  /** One call; without `deadlineSeconds` it may take for ever. An abort of `signal` cancels it. */
  call<M extends CriUnaryMethod>(
    method: M,
    request: CriRequestInit<M>,
    deadlineSeconds = Number.POSITIVE_INFINITY,
    signal?: AbortSignal,
  ): Promise<CriOutcome<M>> {
    const { service, path, requestSerialize, responseDeserialize } = criCall(method);
    const client = service === 'ImageService' ? this.#images : this.#runtime;
    const deadline = Date.now() + deadlineSeconds * 1000;
    return new Promise((resolve) => {
      const onEnd = (error: grpc.ServiceError | null, response?: CriResponse<M>) => {
        signal?.removeEventListener('abort', cancel);
        if (error) resolve({ ok: false, code: codeName(error.code), message: withoutNote(error.details) });
        else if (response) resolve({ ok: true, response });
        else resolve({ ok: false, code: 'INTERNAL', message: 'neither an answer nor an error came' });
      };
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, onEnd);
      const cancel = () => call.cancel();
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
    });
  }

  /** Hears of events until the returned function is called; `onEnd` is told how the stream ended by itself. */
  listen(onEvent: (event: ContainerEvent) => void, onEnd: (code: string, message: string) => void): () => void {
    const { path, requestSerialize, responseDeserialize } = criCall('GetContainerEvents');
    const stream = this.#runtime.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    let stopped = false;
    stream.on('data', onEvent);
    stream.on('error', (error: grpc.ServiceError) => {
      if (!stopped) onEnd(codeName(error.code), withoutNote(error.details));
    });
    return () => {
      stopped = true;
      stream.cancel();
    };
  }

  close(): void {
    this.#runtime.close();
    this.#images.close();
  }
}
