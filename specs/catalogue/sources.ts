// The documents that rules are taken from.
import type { Source } from '../subject/spec';

const PAGE = 'https://kubernetes.io/docs/reference/node/kubelet-checkpoint-api/';
const CRI = 'https://github.com/kubernetes/cri-api/blob/master/pkg/apis/runtime/v1/api.proto';

/** A sentence of the Kubelet Checkpoint API page, by its number in the coverage table. */
export const sentence = (id: `D${number}`): Source => ({ document: 'Kubelet Checkpoint API', id, link: PAGE });

/** A call or message of the CRI API. */
export const criApi = (id: string): Source => ({ document: 'CRI API v1', id, link: CRI });

/** What a kubelet v1.36.2 was seen to do, with no text that says so. */
export const observed = (id: string): Source => ({ document: 'kubelet v1.36.2, recorded', id, link: PAGE });

/** What the recorded archives of containerd 2.1.9 and CRI-O 1.37 have in common, and tools rely on. */
export const recordedArchives = (id: string): Source => ({
  document: 'archives of containerd 2.1.9 and CRI-O 1.37, recorded',
  id,
  link: 'https://github.com/checkpoint-restore/checkpointctl',
});

/** The document that circumstances are from. */
export const CIRCUMSTANCES_DOCUMENT = 'CRI runtimes by circumstance';

/** A circumstance of a checkpoint, by its row in the table of circumstances. */
export const circumstance = (id: string): Source => ({
  document: CIRCUMSTANCES_DOCUMENT,
  id,
  link: CRI,
});

/** The document that findings are from. */
export const FINDINGS_DOCUMENT = 'findings on real runtimes';

/** Something that was found to harm users of real runtimes, by the name of the finding. */
export const finding = (id: string): Source => ({ document: FINDINGS_DOCUMENT, id, link: CRI });
