// Makes checkpoint requests to the kubelet.

import { counted, expectEqual, expectThat } from '../subject/expect';
import type { Credentials, HttpAnswer } from '../subject/http';
import type { ContainerName, Node, SeenCheckpoint } from '../subject/subject';

/** Returns the path for the checkpoint of a container. */
export const checkpointPath = ({ namespace, pod, container }: ContainerName): string =>
  `/checkpoint/${namespace}/${pod}/${container}`;

/** Requests a checkpoint of the node's running container with the given credentials. */
export const checkpointAs = ({ request, running }: Node, credentials: Credentials): Promise<HttpAnswer> =>
  request({ method: 'POST', target: checkpointPath(running), credentials });

/** A name that no pod, container or namespace has. */
export const ABSENT = 'ckptest-absent';

/**
 * Expects a number of CheckpointContainer calls to the runtime. A failure has the label `calls`.
 *
 * @param what the request or requests, as the subject of a sentence
 */
export function expectCalls(calls: readonly SeenCheckpoint[], count: number, what: string): void {
  const actual = `${what} led to ${counted(calls.length, 'CheckpointContainer call')} in the runtime`;
  expectThat('calls', calls.length === count, count === 0 ? 'no call' : `${count}`, actual);
}

/** Expects that a redirect leads to a path. A failure has the label `location`. */
export function expectLocation(answer: HttpAnswer, location: string, what: string): void {
  expectEqual('location', answer.headers['location'], location, `The Location header of the response to ${what}`);
}
