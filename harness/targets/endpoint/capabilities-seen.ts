// What a kubelet that is up was found to offer, and by what that was seen.
import type { HttpAnswer } from '../../../specs/subject/http';
import type { ContainerName } from '../../../specs/subject/subject';

interface Tried {
  readonly container: ContainerName;
  readonly answer: HttpAnswer;
  /** The path that the answer names, if any. */
  readonly archive: string | undefined;
}

/** By need; what the target lacks is left out, and so is what was not tried. */
export function foundBy(
  lacks: Readonly<Record<string, string | undefined>>,
  tried: Tried | undefined,
): Readonly<Record<string, string>> {
  if (!tried) return {};
  const { container, answer, archive } = tried;
  const request = `POST /checkpoint/${container.namespace}/${container.pod}/${container.container}`;
  const seen = {
    kubelet: `it takes these credentials: ${request} was answered with ${answer.status}`,
    checkpoint: answer.status === 200 ? `${request} succeeded` : `${request} failed, and was not refused`,
    ...(archive === undefined ? {} : { files: `the archive of that checkpoint is found here, as ${archive}` }),
  };
  return Object.fromEntries(Object.entries(seen).filter(([need]) => lacks[need] === undefined));
}
