// Broken kubelets, half of the matrix.
import { deviationNames, testMutants } from './matrix';

testMutants(deviationNames('mutant').filter((name) => name.startsWith('kubelet-')));
