// Decodes responses of the runtime. If a long response has the same bytes as the previous one, it is not decoded again.
// A kubelet lists all containers before each checkpoint; decoding that list takes longer than the rest of the
// checkpoint.
import type { CriCallDefinition, CriResponse, CriUnaryMethod } from '../../../proto/load';

/**
 * Minimum size of a response that is compared, bytes. Decoding a shorter response takes no longer than comparing it.
 */
const MIN_BYTES = 4096;

/** Creates a decoder that remembers the last long response to each method. */
export function decodeOnce() {
  const latest = new Map<string, { readonly bytes: Buffer; readonly response: object }>();
  return <M extends CriUnaryMethod>(definition: CriCallDefinition<M>, bytes: Buffer): CriResponse<M> => {
    const before = latest.get(definition.path);
    if (before?.bytes.equals(bytes)) return before.response as CriResponse<M>;
    const response = definition.responseDeserialize(bytes);
    if (bytes.length >= MIN_BYTES) latest.set(definition.path, { bytes, response });
    return response;
  };
}
