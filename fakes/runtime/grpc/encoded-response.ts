// Defines responses that are encoded before a client requests them: the lists of containers and of sandboxes.
import { type CriResponse, type CriResponseInit, type CriUnaryMethod, criCall } from '../../../proto/load';

/** A response that is sent as the bytes it contains. */
export class EncodedResponse<M extends CriUnaryMethod = CriUnaryMethod> {
  readonly #method: M;

  constructor(
    method: M,
    readonly bytes: Buffer,
    /** The response as the call log records it. */
    readonly logged: CriResponseInit<M>,
  ) {
    this.#method = method;
  }

  /** The response as a message, for interceptors that read or change it. */
  decode(): CriResponse<M> {
    return criCall(this.#method).responseDeserialize(this.bytes);
  }
}

/** What a handler returns: a message, or an encoded response. */
export type HandlerResponse<M extends CriUnaryMethod> = CriResponseInit<M> | EncodedResponse<M>;

/** Makes a serializer that does not encode an encoded response again. */
export const serializerFor =
  (serialize: (message: object) => Buffer) =>
  (response: object): Buffer =>
    response instanceof EncodedResponse ? response.bytes : serialize(response);
