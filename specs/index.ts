// The catalogue: all specs, in the order of the documentation.
import { format } from './archive/format';
import { images } from './archive/images';
import { members } from './archive/members';
import { memory } from './archive/memory';
import { metadata } from './archive/metadata';
import { archiveNameSpecs } from './kubelet/archive-name';
import { archivePlaceSpecs } from './kubelet/archive-place';
import { authenticationSpecs } from './kubelet/authentication';
import { authorizationSpecs } from './kubelet/authorization';
import { concurrentRequestSpecs } from './kubelet/concurrency';
import { criCallSpecs } from './kubelet/cri-calls';
import { gateSpecs } from './kubelet/gate';
import { httpSpecs } from './kubelet/http';
import { messageSpecs } from './kubelet/messages';
import { methodSpecs } from './kubelet/methods';
import { metricSpecs } from './kubelet/metrics';
import { negotiationSpecs } from './kubelet/negotiation';
import { otherEndpointSpecs } from './kubelet/other-endpoints';
import { pathSpecs } from './kubelet/paths';
import { readOnlyPortSpecs } from './kubelet/read-only-port';
import { reviewSpecs } from './kubelet/reviews';
import { routeSpecs } from './kubelet/route';
import { runtimeRestartSpecs } from './kubelet/runtime-restart';
import { statusCodeSpecs } from './kubelet/status-codes';
import { throughApiServerSpecs } from './kubelet/through-api-server';
import { timeoutSpecs } from './kubelet/timeout';
import { timeoutValueSpecs } from './kubelet/timeout-values';
import { afterCheckpointSpecs } from './runtime/after-checkpoint';
import { checkpointCapabilitySpecs, restoreCapabilitySpecs } from './runtime/capability';
import { checkpointContainerSpecs, refusalSpecs } from './runtime/checkpoint-container';
import { concurrencySpecs } from './runtime/concurrency';
import { containerIdSpecs } from './runtime/container-id';
import { cancellationSpecs, deadlineSpecs, restartSpecs } from './runtime/disconnect';
import { existingFileSpecs } from './runtime/existing-file';
import { idempotenceSpecs } from './runtime/idempotence';
import { leftoverSpecs } from './runtime/leftovers';
import { lifecycleSpecs } from './runtime/lifecycle';
import { listSpecs } from './runtime/lists';
import { locationSpecs } from './runtime/location';
import { logRotationSpecs } from './runtime/log-rotation';
import { repetitionSpecs } from './runtime/repetition';
import { restoreSpecs } from './runtime/restore';
import { restoredContainerSpecs } from './runtime/restored-container';
import { sharedSandboxSpecs } from './runtime/shared-sandbox';
import { timeoutFieldSpecs } from './runtime/timeout';
import type { Spec } from './subject/spec';

export const specs: readonly Spec[] = [
  ...gateSpecs,
  ...routeSpecs,
  ...pathSpecs,
  ...methodSpecs,
  ...negotiationSpecs,
  ...httpSpecs,
  ...authenticationSpecs,
  ...authorizationSpecs,
  ...reviewSpecs,
  ...statusCodeSpecs,
  ...messageSpecs,
  ...runtimeRestartSpecs,
  ...timeoutSpecs,
  ...timeoutValueSpecs,
  ...criCallSpecs,
  ...concurrentRequestSpecs,
  ...metricSpecs,
  ...otherEndpointSpecs,
  ...readOnlyPortSpecs,
  ...throughApiServerSpecs,
  ...archiveNameSpecs,
  ...archivePlaceSpecs,
  ...lifecycleSpecs,
  ...idempotenceSpecs,
  ...listSpecs,
  ...checkpointCapabilitySpecs,
  ...checkpointContainerSpecs,
  ...refusalSpecs,
  ...containerIdSpecs,
  ...locationSpecs,
  ...existingFileSpecs,
  ...leftoverSpecs,
  ...afterCheckpointSpecs,
  ...logRotationSpecs,
  ...repetitionSpecs,
  ...concurrencySpecs,
  ...sharedSandboxSpecs,
  ...timeoutFieldSpecs,
  ...deadlineSpecs,
  ...cancellationSpecs,
  ...restartSpecs,
  ...restoreCapabilitySpecs,
  ...restoreSpecs,
  ...restoredContainerSpecs,
  ...format,
  ...members,
  ...memory,
  ...images,
  ...metadata,
];
