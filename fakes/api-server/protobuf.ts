// Decodes reviews in protobuf. A kubelet uses protobuf unless its contentType is set to JSON.
import { kubernetes } from '../../proto/load';

/** The prefix of every protobuf object in the Kubernetes API. */
const MAGIC = Buffer.from('k8s\0');

const KINDS = ['TokenReview', 'SubjectAccessReview'] as const;

/** Returns whether the bytes have the prefix of a Kubernetes protobuf object. */
export const isProtobuf = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC);

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Unwraps lists of strings, because protobuf wraps each list in a message and JSON does not. */
function unwrappedLists(extra: unknown): Fields {
  if (!isFields(extra)) return {};
  return Object.fromEntries(
    Object.entries(extra).map(([name, value]) => [name, isFields(value) ? (value['items'] ?? []) : []]),
  );
}

/**
 * Decodes a review to the same object as in JSON.
 * @throws Error if the bytes are not a review
 */
export function fromProtobuf(bytes: Buffer): object {
  const { typeMeta, raw } = kubernetes('Unknown').decode(bytes.subarray(MAGIC.length));
  const { apiVersion, kind: named } = isFields(typeMeta) ? typeMeta : {};
  const kind = KINDS.find((known) => known === named);
  if (!kind || !Buffer.isBuffer(raw)) throw new Error('not a review');
  const { spec } = kubernetes(kind).decode(raw);
  const { extra, ...fields } = isFields(spec) ? spec : {};
  return {
    kind,
    apiVersion,
    metadata: {},
    spec: { ...fields, ...(extra !== undefined && { extra: unwrappedLists(extra) }) },
  };
}
