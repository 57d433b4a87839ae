// The documents that rules are based on.
import type { Source } from '../subject/spec';

const PAGE = 'https://kubernetes.io/docs/reference/node/kubelet-checkpoint-api/';
const CRI = 'https://github.com/kubernetes/cri-api/blob/master/pkg/apis/runtime/v1/api.proto';

/** A sentence of the Kubelet Checkpoint API page, by its number in specs/catalogue/catalogue.md. */
export const sentence = (id: `D${number}`): Source => ({ document: 'Kubelet Checkpoint API', id, link: PAGE });

/** A call or message of the CRI API. */
export const criApi = (id: string): Source => ({ document: 'CRI API v1', id, link: CRI });

/** Recorded behavior of kubelet v1.36.2 that no text states. */
export const observed = (id: string): Source => ({ document: 'kubelet v1.36.2, recorded', id, link: PAGE });

/** A property that the recorded archives of containerd 2.1.9 and CRI-O 1.37 share and that tools rely on. */
export const recordedArchives = (id: string): Source => ({
  document: 'archives of containerd 2.1.9 and CRI-O 1.37, recorded',
  id,
  link: 'https://github.com/checkpoint-restore/checkpointctl',
});

/** The document of all circumstances. */
export const CIRCUMSTANCES_DOCUMENT = 'CRI runtimes by circumstance';

/** A circumstance of a checkpoint request, by its key in the table of circumstances. */
export const circumstance = (id: string): Source => ({
  document: CIRCUMSTANCES_DOCUMENT,
  id,
  link: CRI,
});

/** The document of all findings. */
export const FINDINGS_DOCUMENT = 'findings on real runtimes';

/** A defect of real runtimes that harmed users, by the name of the finding. */
export const finding = (id: string): Source => ({ document: FINDINGS_DOCUMENT, id, link: CRI });
