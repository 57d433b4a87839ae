// The documents that rules are based on. Links lead to the text that states the rule.
import type { Source } from '../subject/spec';
import { CRI_LINES } from './cri-lines';
import type { Harm } from './harms';

const PAGE = 'https://kubernetes.io/docs/reference/node/kubelet-checkpoint-api/';
const CRI = 'https://github.com/kubernetes/cri-api/blob/v0.36.2/pkg/apis/runtime/v1/api.proto';
const CATALOGUE = 'specs/catalogue/catalogue.md';
const RECORDINGS = 'specs/recordings.md';

/**
 * The sections of the documentation page: the number of the last sentence in each section, and the section's anchor.
 * Sentences before the first section have no anchor.
 */
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

/** Makes the source of a rule about recorded behavior of kubelet v1.36.2. No text states this behavior. */
export const observed = (id: string): Source => recorded('kubelet v1.36.2, recorded', id);

/**
 * Makes the source of a rule about recorded behavior of containerd 2.1.9 and CRI-O 1.37. No text states this behavior.
 */
export const observedRuntimes = (id: string): Source => recorded('containerd 2.1.9 and CRI-O 1.37, recorded', id);

/**
 * Makes the source of a rule about a property on which tools rely. The recorded archives of both runtimes have this
 * property.
 */
export const recordedArchives = (id: string): Source =>
  recorded('archives of containerd 2.1.9 and CRI-O 1.37, recorded', id);

/** The name of the document that contains all circumstances. */
export const CIRCUMSTANCES_DOCUMENT = 'CRI runtimes by circumstance';

/**
 * Makes the source of a rule about a circumstance of a checkpoint request, by its key in the table of circumstances.
 */
export const circumstance = (id: string): Source => ({
  document: CIRCUMSTANCES_DOCUMENT,
  id,
  link: `${CATALOGUE}#circumstance-${id}`,
});

/**
 * Makes the source of a hardening rule that has no other source. This source is what users lose if the rule is broken.
 */
export const harm = (id: Harm): Source => ({ document: 'what users lose', id, link: `${CATALOGUE}#harm-${id}` });

/** The name of the document that contains all findings. */
export const FINDINGS_DOCUMENT = 'findings on real runtimes';

/** Makes the source of a rule that a real runtime broke and so harmed users. `id` is the name of the finding. */
export const finding = (id: string): Source => ({
  document: FINDINGS_DOCUMENT,
  id,
  link: `specs/findings.md#${id}`,
});
