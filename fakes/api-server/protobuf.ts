// Reviews as protobuf, which is how a kubelet writes them unless its contentType says otherwise.
import { kubernetes } from '../../proto/load';

/** In front of every object of the Kubernetes API in protobuf. */
const MAGIC = Buffer.from('k8s\0');

const KINDS = ['TokenReview', 'SubjectAccessReview'] as const;

/** Whether bytes say that they are an object of the Kubernetes API in protobuf. */
export const isProtobuf = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC);

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Lists of texts, which JSON has bare and protobuf in a message. */
function bareLists(extra: unknown): Fields {
  if (!isFields(extra)) return {};
  return Object.fromEntries(
    Object.entries(extra).map(([name, value]) => [name, isFields(value) ? (value['items'] ?? []) : []]),
  );
}

/** The review in those bytes, as it would be in JSON. Throws on what is none. */
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
    spec: { ...fields, ...(extra !== undefined && { extra: bareLists(extra) }) },
  };
}
