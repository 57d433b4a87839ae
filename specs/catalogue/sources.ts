// The documents that rules are taken from. A link leads to the place that states the rule.
import type { Source } from '../subject/spec';
import { CRI_LINES } from './cri-lines';
import type { Harm } from './harms';

const PAGE = 'https://kubernetes.io/docs/reference/node/kubelet-checkpoint-api/';
const CRI = 'https://github.com/kubernetes/cri-api/blob/v0.36.2/pkg/apis/runtime/v1/api.proto';
const CATALOGUE = 'specs/catalogue/catalogue.md';
const RECORDINGS = 'specs/recordings.md';

/** The sections of the page by the number of their last sentence. The sentences before the first section have none. */
const SECTIONS: readonly (readonly [last: number, anchor: string])[] = [
  [9, ''],
  [16, '#post-checkpoint'],
  [17, '#post-checkpoint-request'],
  [22, '#post-checkpoint-params'],
  [29, '#post-checkpoint-response'],
];

/** Returns the anchor that GitHub gives a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

/** Makes the source of a rule that is a sentence of the Kubelet Checkpoint API page. */
export function sentence(id: `D${number}`): Source {
  const [, anchor = ''] = SECTIONS.find(([last]) => Number(id.slice(1)) <= last) ?? [];
  return { document: 'Kubelet Checkpoint API', id, link: `${PAGE}${anchor}` };
}

/** Makes the source of a rule that the comment of a CRI call, message or field states. */
export const criApi = (id: keyof typeof CRI_LINES): Source => ({
  document: 'CRI API v1',
  id,
  link: `${CRI}#${CRI_LINES[id]}`,
});

/** Makes the source of a rule about the gRPC code of an error. */
export const grpcCode = (id: string): Source => ({
  document: 'gRPC status codes',
  id,
  link: 'https://github.com/grpc/grpc/blob/master/doc/statuscodes.md',
});

/** Makes the source of a rule that an issue or pull request of Kubernetes states. */
export const kubernetes = (kind: 'issues' | 'pull', number: number): Source => ({
  document: 'Kubernetes on GitHub',
  id: `kubernetes#${number}`,
  link: `https://github.com/kubernetes/kubernetes/${kind}/${number}`,
});

const recorded = (document: string, id: string): Source => ({
  document,
  id,
  link: `${RECORDINGS}#${anchorOf(id)}`,
});

/** Makes the source of a rule that was recorded of a kubelet v1.36.2, and that no text states. */
export const observed = (id: string): Source => recorded('kubelet v1.36.2, recorded', id);

/** Makes the source of a rule that containerd 2.1.9 and CRI-O 1.37 were recorded to keep, and that no text states. */
export const observedRuntimes = (id: string): Source => recorded('containerd 2.1.9 and CRI-O 1.37, recorded', id);

/** Makes the source of a rule about what the recorded archives of both runtimes have in common, and tools rely on. */
export const recordedArchives = (id: string): Source =>
  recorded('archives of containerd 2.1.9 and CRI-O 1.37, recorded', id);

/** The document that circumstances are from. */
export const CIRCUMSTANCES_DOCUMENT = 'CRI runtimes by circumstance';

/** Makes the source of a rule about a circumstance of a checkpoint, by its row in the table of circumstances. */
export const circumstance = (id: string): Source => ({
  document: CIRCUMSTANCES_DOCUMENT,
  id,
  link: `${CATALOGUE}#circumstance-${id}`,
});

/** Makes the source of a hardening rule that has no other: what users lose if it is broken. */
export const harm = (id: Harm): Source => ({ document: 'what users lose', id, link: `${CATALOGUE}#harm-${id}` });

/** The document that findings are from. */
export const FINDINGS_DOCUMENT = 'findings on real runtimes';

/** Makes the source of a rule that a real runtime broke and users were harmed by, by the name of the finding. */
export const finding = (id: string): Source => ({
  document: FINDINGS_DOCUMENT,
  id,
  link: `specs/findings.md#${id}`,
});
