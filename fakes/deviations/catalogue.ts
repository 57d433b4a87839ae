// The list of all named deviations.
import { nearest } from '../base/nearest';
import { UserError } from '../base/user-error';
import type { Deviation, DeviationKind } from './deviation';
import { archiveMutants } from './mutants/archive/archive-mutants';
import { accessMutants } from './mutants/kubelet/access-mutants';
import { kubeletAtOnceMutants } from './mutants/kubelet/concurrency-mutants';
import { framingMutants } from './mutants/kubelet/framing-mutants';
import { kubeletCriMutants } from './mutants/kubelet/kubelet-cri-mutants';
import { messageMutants } from './mutants/kubelet/message-mutants';
import { negotiationMutants } from './mutants/kubelet/negotiation-mutants';
import { otherEndpointMutants } from './mutants/kubelet/other-endpoint-mutants';
import { pathMutants } from './mutants/kubelet/path-mutants';
import { permissionMutants } from './mutants/kubelet/permission-mutants';
import { routeMutants } from './mutants/kubelet/route-mutants';
import { statusCodeMutants } from './mutants/kubelet/status-code-mutants';
import { timeoutMutants } from './mutants/kubelet/timeout-mutants';
import { atOnceMutants } from './mutants/runtime/concurrency-mutants';
import { contractMutants } from './mutants/runtime/contract-mutants';
import { disconnectMutants } from './mutants/runtime/disconnect-mutants';
import { locationMutants } from './mutants/runtime/location-mutants';
import { requestMutants } from './mutants/runtime/request-mutants';
import { restoreMutants } from './mutants/runtime/restore-mutants';
import { runtimeMutants } from './mutants/runtime/runtime-mutants';
import { sideEffectMutants } from './mutants/runtime/side-effect-mutants';
import { findings } from './personas/findings';
import { persona, personas } from './personas/personas';
import { variants } from './variants';

export const allDeviations: readonly Deviation[] = [
  ...routeMutants,
  ...pathMutants,
  ...negotiationMutants,
  ...framingMutants,
  ...accessMutants,
  ...permissionMutants,
  ...statusCodeMutants,
  ...otherEndpointMutants,
  ...kubeletAtOnceMutants,
  ...messageMutants,
  ...timeoutMutants,
  ...kubeletCriMutants,
  ...runtimeMutants,
  ...archiveMutants,
  ...contractMutants,
  ...sideEffectMutants,
  ...requestMutants,
  ...locationMutants,
  ...disconnectMutants,
  ...atOnceMutants,
  ...restoreMutants,
  ...variants,
  ...personas,
  ...findings,
];

/**
 * Returns a deviation by its name.
 * @throws UserError that suggests the most similar name of the same kind
 */
export function deviation(kind: DeviationKind, name: string): Deviation {
  const found = allDeviations.find((candidate) => candidate.name === name);
  // The flags for personas also accept findings, and names with a `+`.
  const flag = found?.kind === 'finding' ? 'persona' : found?.kind;
  if (found && flag !== kind)
    throw new UserError(`--${kind} ${name}: this is a ${found.kind}, not a ${kind}; give it to --${flag}`);
  if (kind === 'persona') return persona(name);
  if (found) return found;
  const known = allDeviations.filter((candidate) => candidate.kind === kind).map((candidate) => candidate.name);
  throw new UserError(
    `--${kind} ${name}: there is no such ${kind}; the nearest are ${nearest(name, known).join(', ')}; ckptest personas lists them all`,
  );
}
