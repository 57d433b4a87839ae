// Lists that have not changed since they were last asked for are not decoded again: a kubelet asks for all containers
// before each checkpoint, and on a full node that is most of its work.
import type { CriCallDefinition, CriResponse, CriUnaryMethod } from '../../../proto/load';

/** Shorter answers are decoded faster than they are looked up (bytes). */
const WORTH_KEEPING = 4096;

/** What was packed and is remembered unpacked comes as the very memory that it came as before. */
const isSameMemory = (a: Buffer, b: Buffer) =>
  a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;

/** Decodes answers; of each method the latest long one is kept, and handed out again for the same bytes. */
export function decodeOnce() {
  const latest = new Map<string, { bytes: Buffer; readonly response: object }>();
  return <M extends CriUnaryMethod>(definition: CriCallDefinition<M>, bytes: Buffer): CriResponse<M> => {
    const before = latest.get(definition.path);
    if (before && (isSameMemory(before.bytes, bytes) || before.bytes.equals(bytes))) {
      before.bytes = bytes;
      return before.response as CriResponse<M>;
    }
    const response = definition.responseDeserialize(bytes);
    if (bytes.length >= WORTH_KEEPING) latest.set(definition.path, { bytes, response });
    return response;
  };
}
