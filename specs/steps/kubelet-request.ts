// How specs ask for a checkpoint.
import type { Credentials, HttpAnswer } from '../subject/http';
import type { ContainerName, Node } from '../subject/subject';

/** Path of a container's checkpoint. */
export const checkpointPath = ({ namespace, pod, container }: ContainerName): string =>
  `/checkpoint/${namespace}/${pod}/${container}`;

/** POSTs to the path of the node's running container as somebody else than usual. */
export const checkpointAs = ({ request, running }: Node, credentials: Credentials): Promise<HttpAnswer> =>
  request({ method: 'POST', target: checkpointPath(running), credentials });

/** A name that nothing has. */
export const ABSENT = 'ckptest-absent';
