// What users lose if a rule is broken. Reports show it below a failure, for readers who do not know the rule.
import { harmOf } from './harms';

/** Impacts by rule id, or by group id for all other rules of the group. */
const IMPACTS: Readonly<Record<string, string>> = {
  'kubelet/gate':
    'Clients cannot rely on the feature gate: the endpoint is open where it should be off, or off where it should be on',
  'kubelet/route/pod-is-the-name-not-the-uid':
    'Clients that send a UID cannot tell from the answer that it is not the name of a pod',
  'kubelet/route':
    'Clients that use the documented request get no checkpoint, or other requests create one by accident',
  'kubelet/paths':
    'Clients that escape or join paths in another way get an error, or reach another container than the one they named',
  'kubelet/paths/names-are-compared-exactly': 'Clients cannot tell from the answer that they sent a wrong name',
  'kubelet/paths/extra-parts-checkpoint-nothing':
    'A mistyped request freezes a container and writes its memory to disk',
  'kubelet/paths/path-of-a-name-stays-a-name': 'A crafted name can reach a container or a file that it does not name',
  'kubelet/methods':
    'Monitoring tools and crawlers that only read URLs can create checkpoints, or clients get misleading errors',
  'kubelet/negotiation':
    'Ordinary HTTP clients get errors because of a header, a body or a parameter that should not matter',
  'kubelet/http': 'Clients that use this form of HTTP may get no checkpoint',
  'kubelet/http/malformed-checkpoints-nothing': 'A broken or unencrypted request can checkpoint a container',
  'kubelet/authentication':
    'Callers without valid credentials get in, or callers with valid credentials are locked out',
  'kubelet/authentication/unauthenticated-learns-nothing':
    'Anybody who reaches the port can find out which pods run on the node',
  'kubelet/authentication/says-no-more-than-unauthorized':
    'Anybody who reaches the port learns why the credentials were rejected, which helps guessing',
  'kubelet/authorization':
    'Users without the permission can read the memory of containers, or users with the permission are refused',
  'kubelet/authorization/unanswered-serves-nobody':
    'When the API server fails, users without permission can read the memory of containers',
  'kubelet/reviews':
    'The API server grants or denies the wrong thing, is asked too often, or locks users out when it fails',
  'kubelet/status-codes':
    'Clients cannot tell a success from a failure, or a wrong name from a failing runtime: they retry in vain or give up too early',
  'kubelet/status-codes/success-leaves-the-archive':
    'The client believes that it has a checkpoint, and there is none that it could restore',
  'kubelet/status-codes/success-names-one-archive': 'Clients cannot find the archive of their checkpoint',
  'kubelet/messages': 'Users do not learn from the error why their checkpoint failed',
  'kubelet/messages/nothing-of-an-error-stays': 'One failure of the runtime makes all later checkpoints fail',
  'kubelet/messages/success-body': 'Clients cannot find the archive of their checkpoint',
  'kubelet/runtime-comes-and-goes':
    'A restart of the container runtime breaks checkpoints, or clients are told something wrong about it',
  'kubelet/runtime-comes-and-goes/unknown-names-need-no-runtime':
    'While the runtime restarts, clients cannot tell a wrong name from a failing runtime',
  'kubelet/timeout/integer-is-accepted': 'Clients that set a timeout may get no checkpoint',
  'kubelet/timeout/other-than-integer-is-refused': 'Clients cannot tell from the answer that their timeout is invalid',
  'kubelet/timeout/other-than-integer-is-404': 'Clients cannot tell from the answer that their timeout is invalid',
  'kubelet/timeout/negative-is-500': 'Clients cannot tell from the answer that their timeout is invalid',
  'kubelet/timeout/passed-is-500': 'Clients do not get the documented answer when the timeout passes',
  'kubelet/timeout': 'Checkpoints have another time limit than their clients set or expect',
  'kubelet/timeout-values':
    'Clients that send an unusual timeout get another one than they asked for, or a misleading error',
  'kubelet/cri-calls':
    'Another container than the named one is frozen and dumped, or one is dumped more than once or without permission',
  'kubelet/at-once': 'Checkpoints that run at the same time fail, block other requests, or overwrite each other',
  'kubelet/at-once/others-are-not-held-up':
    'While a checkpoint is in progress, other clients of the kubelet do not get their usual answer',
  'kubelet/at-once/same-second-keeps-both': 'The first archive is lost although its client was told that it exists',
  'kubelet/at-once/who-leaves-ends-the-checkpoint':
    'The container is dumped, and disk space used, for a client that is gone',
  'kubelet/metrics': 'Dashboards and alerts about checkpoints show wrong numbers',
  'kubelet/around':
    'Other tools see the pod or the node as missing, unhealthy or configured in another way because of checkpoints',
  'kubelet/around/health-needs-credentials':
    'Anybody who reaches the port can read about pods, configuration or metrics of the node',
  'kubelet/read-only-port':
    'Anybody who reaches the read-only port can checkpoint containers and fill the disk (CVE-2025-0426)',
  'kubelet/read-only-port/still-serves-the-endpoint': 'An open read-only port breaks the protected endpoint',
  'kubelet/through-api-server':
    'Clients that reach the kubelet through the API server get no checkpoint, or more permission than they have',
  'kubelet/through-api-server/errors-come-through':
    'Clients that reach the kubelet through the API server cannot tell why their request failed',
  'kubelet/archive-name': 'Tools that find archives by pod, namespace, container and time miss them or mix them up',
  'kubelet/archive-place': 'Tools and operators look for archives in the wrong directory',
  'kubelet/archive-place/directory-is-private':
    'Other users of the node can list the archives, and read those that are not protected themselves',
  'runtime/lifecycle': 'A kubelet cannot run pods reliably on this runtime',
  'runtime/lifecycle/stopped-sandbox-takes-no-container':
    'A kubelet that stops a pod gets a container in it that cannot run and that it has to remove',
  'runtime/idempotence': 'A kubelet that was restarted repeats calls and then fails to clean up pods',
  'runtime/lists': 'A kubelet sees containers or sandboxes that it did not ask for, or misses some',
  'runtime/checkpoint': 'Containers cannot be checkpointed at all, or not once they have been restarted',
  'runtime/checkpoint/every-dump-succeeds': 'Clients get errors for checkpoints that should succeed',
  'runtime/checkpoint-container':
    'A checkpoint harms the running container, or its client is told something wrong about it',
  'runtime/checkpoint-container/writes-to-the-location':
    'The client believes that it has a checkpoint, and there is none that it could restore',
  'runtime/checkpoint-container/container-goes-on': 'The application stops working because it was checkpointed',
  'runtime/checkpoint-container/container-stays-running': 'The application ends because it was checkpointed',
  'runtime/checkpoint-container/exited-is-refused':
    'The client gets an archive, or a left-over file, of a container that has no memory to save',
  'runtime/checkpoint-container/created-is-refused':
    'The client gets an archive, or a left-over file, of a container that has no memory to save',
  'runtime/checkpoint-container/unknown-id-is-refused':
    'The client believes that a container was saved that does not exist',
  'runtime/checkpoint-container/unknown-id-is-not-found':
    'Clients cannot tell a container that is gone from a checkpoint that failed',
  'runtime/checkpoint-container/concurrent-all-succeed':
    'Clients that checkpoint the same container at the same time get errors and have to take turns',
  'runtime/refusal': 'Clients cannot recognize that the runtime has no checkpoint support',
  'runtime/refusal/leaves-everything-alone':
    'A container is harmed by a checkpoint that the runtime does not even support',
  'runtime/container-id':
    'Another container than the intended one is frozen and dumped, or the client believes in a checkpoint that does not exist',
  'runtime/location': 'Archives end up in the wrong file or are lost, or files of others are overwritten',
  'runtime/location/existing-mode-is-not-kept':
    'Other users of the machine can read the memory of the container, with its passwords and keys',
  'runtime/location/existing-tail-is-not-kept':
    'There is no usable archive, or whoever gets it also gets data of another container',
  'runtime/location/symlink-is-not-followed':
    'Whoever may create a link in the directory can make the runtime, which runs as root, overwrite any file',
  'runtime/location/relative-is-refused':
    'The archive ends up wherever the runtime was started, and its client does not find it',
  'runtime/location/empty-is-refused': 'The client believes that it has a checkpoint, and there is no archive',
  'runtime/location/missing-parent-is-found-first':
    'The application is frozen for a checkpoint that could never succeed',
  'runtime/location/directory-is-found-first': 'The application is frozen for a checkpoint that could never succeed',
  'runtime/location/linked-folder-is-followed':
    'Checkpoints fail on nodes where the directory of the archives is a link to another disk',
  'runtime/existing-file':
    'Other users of the machine can read the memory of the container, with its passwords and keys, through a file that they had before',
  'runtime/existing-file/dangling-link-is-not-followed':
    'Whoever may create a link in the directory can make the runtime, which runs as root, create any file',
  'runtime/leftovers': 'The disk fills up with files that nobody removes, or files of others are changed',
  'runtime/leftovers/full-disk-is-no-success':
    'On a full disk the client believes that it has a checkpoint, or the application stays frozen',
  'runtime/after-checkpoint': 'After a checkpoint clients of the runtime see a changed container',
  'runtime/after-checkpoint/no-image-is-left':
    'The disk fills up with images that nobody removes, which hold the memory of the container',
  'runtime/after-checkpoint/log-goes-on': 'Log lines of the application are lost or repeated because of a checkpoint',
  'runtime/after-checkpoint/commands-run': 'Probes and kubectl exec fail in a container that was checkpointed',
  'runtime/log-rotation': 'Log lines of the application are lost if its log is rotated during a checkpoint',
  'runtime/repetition/ended-processes-are-left-out':
    'An investigation finds processes that no longer ran, with memory that the application believed to be gone',
  'runtime/repetition/same-location-is-whole':
    'There is no usable archive, or whoever gets it also gets data of another container',
  'runtime/repetition': 'Repeated checkpoints fail, or leave archives that cannot be restored',
  'runtime/concurrency/one-location-is-one-whole-archive':
    'There is no usable archive, or whoever gets it also gets data of another container',
  'runtime/concurrency': 'Checkpoints that run at the same time fail or leave archives that cannot be restored',
  'runtime/concurrency/one-container-goes-on':
    'The application stops working because two clients checkpointed it at the same time',
  'runtime/shared-sandbox': 'Checkpoints of one container disturb the other containers of its pod',
  'runtime/shared-sandbox/each-keeps-its-own':
    'The memory, log or identity of one container ends up with another: a restore continues the wrong application',
  'runtime/timeout': 'A checkpoint fails although the timeout that the client set has not passed',
  'runtime/timeout/passed-ends-the-call': 'A checkpoint goes on although the timeout that the client set has passed',
  'runtime/timeout/negative-is-refused': 'A negative timeout, a mistake of the caller, counts as none',
  'runtime/deadline/container-goes-on':
    'The application stays frozen because its checkpoint took longer than the caller waited',
  'runtime/deadline/no-archive-appears':
    'A checkpoint that the caller no longer waits for leaves a file that nobody removes',
  'runtime/deadline': 'A checkpoint that the caller no longer waits for blocks the next one',
  'runtime/cancellation/container-goes-on': 'The application stays frozen because its checkpoint was cancelled',
  'runtime/cancellation/no-archive-appears': 'A checkpoint that the caller cancelled leaves a file that nobody removes',
  'runtime/cancellation': 'A checkpoint that the caller cancelled blocks the next one',
  'runtime/restart/containers-go-on':
    'After a restart of the runtime, as in an update, applications have stopped or cannot be checkpointed',
  'runtime/restart/checkpoint-under-way-leaves-nothing':
    'A restart of the runtime during a checkpoint, as in an update, stops the application or leaves a file that nobody removes',
  'runtime/restore': 'The application does not continue where it was checkpointed: memory, files or processes are lost',
  'runtime/restored-container':
    'The restored container is not the one that was checkpointed and requested, or its archive is no longer usable',
  'runtime/restored-container/labels-are-the-requests':
    'A kubelet does not recognize the restored container as the one that it created',
  'runtime/restored-container/annotations-are-the-requests':
    'What the kubelet keeps in annotations is lost: the restored container has those of the checkpoint',
  'runtime/restored-container/log-is-where-it-was-asked': 'Log collectors do not find the log; kubectl logs does',
  'runtime/restored-container/log-is-kept': 'The log from before the checkpoint is lost',
  'runtime/restored-container/log-repeats-nothing':
    'The log contains lines twice: tools count events that happened only once',
  'runtime/restored-container/what-is-no-archive-is-refused':
    'A damaged archive is accepted, or a refused one leaves a container behind',
  'runtime/restored-container/refusal-frees-the-name': 'After one bad archive the pod can never be created again',
  'archive/format': 'Tools and runtimes cannot read or restore the archive',
  'archive/format/is-for-its-owner-only':
    'Other users of the machine can read the memory of the container, with its passwords and keys',
  'archive/format/is-never-readable-by-others':
    'Other users of the machine can read the memory of the container, with its passwords and keys',
  'archive/format/names-stay-inside': 'Who unpacks the archive overwrites files outside of the directory of unpacking',
  'archive/members/directories-can-be-entered':
    'Who unpacks the archive without being root cannot read the images in it',
  'archive/members': 'Tools that unpack the archive lose or overwrite files, or disagree about what it contains',
  'archive/memory':
    'The checkpoint does not contain the whole memory: the application cannot continue, and an investigation finds nothing',
  'archive/images': 'CRIU cannot restore the archive, or tools for forensics read it wrongly',
  'archive/metadata': 'Tools show the wrong container, command or time for the archive',
};

/** What users lose if an expectation fails, by the label of the expectation, for all rules of a group. */
const BY_LABEL: Readonly<Record<string, string>> = {
  progress: 'The application stops working: it is frozen or has ended',
};

/**
 * Returns what users lose if a rule is broken; undefined if the rule is not in the catalogue.
 *
 * @param label label of the expectation that failed
 */
export function impactOf(id: string, label = ''): string | undefined {
  const impact = IMPACTS[id] ?? IMPACTS[id.slice(0, id.lastIndexOf('/'))];
  // Rules about frozen containers say more precisely what happens to the application.
  return impact && (harmOf(id) === 'frozen' ? impact : (BY_LABEL[label] ?? impact));
}

/** The ids of rules and groups in the table. */
export const IMPACT_KEYS: readonly string[] = Object.keys(IMPACTS);
