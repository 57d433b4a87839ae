// Describes which capabilities were found on a kubelet that is already running, and how.
import type { HttpAnswer } from '../../../specs/subject/http';
import type { ContainerName } from '../../../specs/subject/subject';

interface Tried {
  readonly container: ContainerName;
  readonly answer: HttpAnswer;
  /** The path of the archive in the response; undefined if there is none. */
  readonly archive: string | undefined;
  /** Whether the suite leaves the archives of the run on the node. */
  readonly stays: boolean;
}

const STAYS =
  '; it stays there like every archive of this run, with the memory of its container: give --checkpoint-dir to have them removed';

/**
 * Returns how the suite found each capability, by name.
 *
 * @param lacks the missing capabilities, which are omitted
 * @param tried the result of the probe's checkpoint; undefined if the probe made none
 */
export function foundBy(
  lacks: Readonly<Record<string, string | undefined>>,
  tried: Tried | undefined,
): Readonly<Record<string, string>> {
  if (!tried) return {};
  const { container, answer, archive, stays } = tried;
  const request = `POST /checkpoint/${container.namespace}/${container.pod}/${container.container}`;
  const seen = {
    kubelet: `it accepts these credentials: ${request} got ${answer.status}`,
    checkpoint: answer.status === 200 ? `${request} succeeded` : `${request} failed but was not refused`,
    ...(archive === undefined
      ? {}
      : { files: `the archive of that checkpoint exists on this machine as ${archive}${stays ? STAYS : ''}` }),
  };
  return Object.fromEntries(Object.entries(seen).filter(([need]) => lacks[need] === undefined));
}
