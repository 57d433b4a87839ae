// Defines responses that are encoded before a client requests them: the lists of containers and of sandboxes.
import { type CriResponse, type CriResponseInit, type CriUnaryMethod, criCall } from '../../../proto/load';

/**
 * A response that is sent as the bytes it contains. Interceptors can read the response as a message. The bytes are
 * decoded when a field of the message is read for the first time.
 */
export class EncodedResponse<M extends CriUnaryMethod = CriUnaryMethod> {
  readonly #method: M;
  readonly #bytes: Buffer;
  readonly #logged: CriResponseInit<M>;
  #decoded: CriResponse<M> | undefined;

  /** @param logged the response as the call log records it; it has all fields of the message */
  constructor(method: M, bytes: Buffer, logged: CriResponseInit<M>) {
    this.#method = method;
    this.#bytes = bytes;
    this.#logged = logged;
    for (const field of Object.keys(logged))
      Object.defineProperty(this, field, { enumerable: true, get: () => Reflect.get(this.decode(), field) });
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get logged(): CriResponseInit<M> {
    return this.#logged;
  }

  /** Returns the response as a message. The bytes are decoded only once. */
  decode(): CriResponse<M> {
    this.#decoded ??= criCall(this.#method).responseDeserialize(this.#bytes);
    return this.#decoded;
  }
}

/** What a handler returns: a message, or an encoded response. */
export type HandlerResponse<M extends CriUnaryMethod> = CriResponseInit<M> | EncodedResponse<M>;

/** Makes a serializer that does not encode an encoded response again. */
export const serializerFor =
  (serialize: (message: object) => Buffer) =>
  (response: object): Buffer =>
    response instanceof EncodedResponse ? response.bytes : serialize(response);
