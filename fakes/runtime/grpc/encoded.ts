// Answers whose bytes are there before they are asked for: long lists, and events that go to many.

interface Encoded {
  readonly bytes: Buffer;
  /** The answer as the call log keeps it. */
  readonly summary: () => object;
  /** The bytes as gzip, where they have been compressed. */
  readonly packed: () => Buffer | undefined;
}

const known = new WeakMap<object, Encoded>();

/** Says what a message is encoded to; a copy of the message, changed or not, is encoded anew. */
export function withBytes<Message extends object>(
  message: Message,
  bytes: Buffer,
  { summary = () => message as object, packed = () => undefined }: Partial<Omit<Encoded, 'bytes'>> = {},
) {
  known.set(message, { bytes, summary, packed });
  return message;
}

/** A serializer that takes known bytes. */
export const takingBytes =
  <Message extends object>(serialize: (message: Message) => Buffer) =>
  (message: Message): Buffer =>
    known.get(message)?.bytes ?? serialize(message);

/** The message for a caller that takes gzip: the packed one where there is one. */
export function packedIfThere<Message extends object>(message: Message): Message {
  const packed = known.get(message)?.packed();
  // A copy would make the entries of a list, which nobody looks into any more.
  return packed ? withBytes<Message>(Object.create(message), packed) : message;
}

/** What the call log is to keep of an answer. */
export const summaryOf = (message: object): object => known.get(message)?.summary() ?? message;
