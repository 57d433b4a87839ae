// The catalogue: every spec, in the order of the documentation.
import { format } from './archive/format';
import { images } from './archive/images';
import { members } from './archive/members';
import { memory } from './archive/memory';
import { metadata } from './archive/metadata';
import { archiveNames } from './kubelet/archive-name';
import { archivePlace } from './kubelet/archive-place';
import { authentication } from './kubelet/authentication';
import { authorization } from './kubelet/authorization';
import { atOnce } from './kubelet/concurrency';
import { criCalls } from './kubelet/cri-calls';
import { gate } from './kubelet/gate';
import { http } from './kubelet/http';
import { messages } from './kubelet/messages';
import { methods } from './kubelet/methods';
import { metrics } from './kubelet/metrics';
import { negotiation } from './kubelet/negotiation';
import { around } from './kubelet/other-endpoints';
import { paths } from './kubelet/paths';
import { readOnlyPort } from './kubelet/read-only-port';
import { reviews } from './kubelet/reviews';
import { route } from './kubelet/route';
import { runtimeComesAndGoes } from './kubelet/runtime-restart';
import { statusCodes } from './kubelet/status-codes';
import { throughApiServer } from './kubelet/through-api-server';
import { timeout } from './kubelet/timeout';
import { timeoutValues } from './kubelet/timeout-values';
import { afterCheckpoint } from './runtime/after-checkpoint';
import { checkpointContainer, refusal } from './runtime/checkpoint-container';
import { concurrency, sharedSandbox } from './runtime/concurrency';
import { containerId } from './runtime/container-id';
import { cancellation, deadline, restart } from './runtime/disconnect';
import { existingFile } from './runtime/existing-file';
import { idempotence } from './runtime/idempotence';
import { leftovers } from './runtime/leftovers';
import { lifecycle } from './runtime/lifecycle';
import { lists } from './runtime/lists';
import { location } from './runtime/location';
import { repetition } from './runtime/repetition';
import { restore } from './runtime/restore';
import { restoredContainer } from './runtime/restored-container';
import { timeoutField } from './runtime/timeout';
import type { Spec } from './subject/spec';

export const specs: readonly Spec[] = [
  ...gate,
  ...route,
  ...paths,
  ...methods,
  ...negotiation,
  ...http,
  ...authentication,
  ...authorization,
  ...reviews,
  ...statusCodes,
  ...messages,
  ...runtimeComesAndGoes,
  ...timeout,
  ...timeoutValues,
  ...criCalls,
  ...atOnce,
  ...metrics,
  ...around,
  ...readOnlyPort,
  ...throughApiServer,
  ...archiveNames,
  ...archivePlace,
  ...lifecycle,
  ...idempotence,
  ...lists,
  ...checkpointContainer,
  ...refusal,
  ...containerId,
  ...location,
  ...existingFile,
  ...leftovers,
  ...afterCheckpoint,
  ...repetition,
  ...concurrency,
  ...sharedSandbox,
  ...timeoutField,
  ...deadline,
  ...cancellation,
  ...restart,
  ...restore,
  ...restoredContainer,
  ...format,
  ...members,
  ...memory,
  ...images,
  ...metadata,
];
