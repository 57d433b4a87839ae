// Every named deviation.
import { nearest } from '../nearest';
import { UserError } from '../user-error';
import { archiveMutants } from './archive-mutants';
import { atOnceMutants } from './at-once-mutants';
import { contractMutants } from './contract-mutants';
import type { Deviation, DeviationKind } from './deviation';
import { findings } from './findings';
import { accessMutants } from './kubelet/access-mutants';
import { aroundMutants } from './kubelet/around-mutants';
import { askingMutants } from './kubelet/asking-mutants';
import { kubeletAtOnceMutants } from './kubelet/at-once-mutants';
import { codeMutants } from './kubelet/code-mutants';
import { framingMutants } from './kubelet/framing-mutants';
import { messageMutants } from './kubelet/message-mutants';
import { negotiationMutants } from './kubelet/negotiation-mutants';
import { pathMutants } from './kubelet/path-mutants';
import { permissionMutants } from './kubelet/permission-mutants';
import { routeMutants } from './kubelet/route-mutants';
import { timeoutMutants } from './kubelet/timeout-mutants';
import { leavingMutants } from './leaving-mutants';
import { persona, personas } from './personas';
import { placeMutants } from './place-mutants';
import { requestMutants } from './request-mutants';
import { restoreMutants } from './restore-mutants';
import { runtimeMutants } from './runtime-mutants';
import { tarMutants, tarVariants } from './tar-forms';
import { traceMutants } from './trace-mutants';
import { variants } from './variants';

export const allDeviations: readonly Deviation[] = [
  ...routeMutants,
  ...pathMutants,
  ...negotiationMutants,
  ...framingMutants,
  ...accessMutants,
  ...permissionMutants,
  ...codeMutants,
  ...aroundMutants,
  ...kubeletAtOnceMutants,
  ...messageMutants,
  ...timeoutMutants,
  ...askingMutants,
  ...runtimeMutants,
  ...archiveMutants,
  ...tarMutants,
  ...contractMutants,
  ...traceMutants,
  ...requestMutants,
  ...placeMutants,
  ...leavingMutants,
  ...atOnceMutants,
  ...restoreMutants,
  ...variants,
  ...tarVariants,
  ...personas,
  ...findings,
];

/** One deviation by its name. Throws a UserError that names the nearest of its kind. */
export function deviation(kind: DeviationKind, name: string): Deviation {
  if (kind === 'persona') return persona(name);
  const ofKind = allDeviations.filter((candidate) => candidate.kind === kind);
  const found = ofKind.find((candidate) => candidate.name === name);
  if (!found)
    throw new UserError(
      `--${kind} ${name}: there is no such ${kind}; the nearest are ${nearest(
        name,
        ofKind.map((known) => known.name),
      ).join(', ')}`,
    );
  return found;
}
