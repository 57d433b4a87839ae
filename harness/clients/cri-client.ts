// A CRI client for specs. A call always returns an outcome, even if the call fails.
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
  // Use one connection per client, so that closing a client never ends the calls of another client.
  'grpc.use_local_subchannel_pool': 1,
};

/** Returns the name of a gRPC code, such as `NOT_FOUND`. */
const codeName = (code: grpc.status) => grpc.status[code] ?? `CODE_${code}`;

/**
 * Removes the note that grpc-js appends to the message of a failed connection. The note is useful only if a name was
 * resolved.
 */
const withoutNote = (details: string) => details.replace(/\. Resolution note: $/, '');

/** Converts a CRI endpoint, `unix:///path` or `tcp://host:port`, to the form that grpc-js needs. */
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

  /**
   * Makes one call.
   *
   * @param deadlineSeconds deadline of the call, seconds; default: none
   * @param signal cancels the call when it is aborted
   * @returns a promise of the response, or of the gRPC code and message; the promise never rejects
   */
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
        else resolve({ ok: false, code: 'INTERNAL', message: 'the call ended with neither a response nor an error' });
      };
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, onEnd);
      const cancel = () => call.cancel();
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
    });
  }

  /**
   * Receives container events until the returned function is called.
   *
   * @param onEnd called with the gRPC code and message if the stream ends earlier
   */
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
