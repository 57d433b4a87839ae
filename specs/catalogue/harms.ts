// What users lose if a hardening rule is broken. No standard states these rules, so reports group them by their harm.

export const HARMS = {
  frozen: 'containers stay frozen, end, or lose data',
  exposed: 'the memory of a container can be read by others',
  lost: 'archives or other files are lost, mixed or incomplete',
  leaked: 'files, images or containers are left behind',
  access: 'people without permission learn or do something',
  outage: 'checkpoints stop working, or stop other work',
  restored: 'a restored container is not the one that was checkpointed',
} as const;
export type Harm = keyof typeof HARMS;

/** The hardening rules, by the harm that they prevent. */
const RULES: Readonly<Record<Harm, readonly string[]>> = {
  frozen: [
    'runtime/refusal/leaves-everything-alone',
    'runtime/location/missing-parent-is-found-first',
    'runtime/location/directory-is-found-first',
    'runtime/after-checkpoint/commands-run',
    'runtime/log-rotation/loses-no-line',
    'runtime/concurrency/one-container-goes-on',
    'runtime/deadline/container-goes-on',
    'runtime/cancellation/container-goes-on',
    'runtime/restart/containers-go-on',
    'runtime/restart/checkpoint-under-way-leaves-nothing',
  ],
  exposed: [
    'runtime/location/existing-mode-is-not-kept',
    'runtime/location/symlink-is-not-followed',
    'runtime/existing-file/owner-is-not-kept',
    'runtime/existing-file/open-file-shows-nothing',
    'runtime/existing-file/hard-link-is-not-written-through',
    'runtime/existing-file/dangling-link-is-not-followed',
    'archive/format/is-never-readable-by-others',
  ],
  lost: [
    'kubelet/at-once/several-containers',
    'kubelet/at-once/same-second-keeps-both',
    'runtime/location/existing-tail-is-not-kept',
    'runtime/location/relative-is-refused',
    'runtime/location/empty-is-refused',
    'runtime/location/missing-parent-is-refused',
    'runtime/location/directory-is-refused',
    'runtime/location/image-reference-is-refused',
    'runtime/leftovers/full-disk-is-no-success',
    'runtime/repetition/two-within-a-second',
    'runtime/repetition/same-location-is-whole',
    'runtime/repetition/ended-processes-are-left-out',
    'runtime/concurrency/one-container-archives-are-whole',
    'runtime/concurrency/one-location-is-one-whole-archive',
    'runtime/concurrency/many-containers-all-succeed',
    'runtime/shared-sandbox/each-is-checkpointed',
    'runtime/shared-sandbox/each-keeps-its-own',
    'archive/format/names-stay-inside',
    'archive/members/names-are-unique',
    'archive/members/links-stay-inside',
    'archive/members/times-are-past',
    'archive/members/directories-can-be-entered',
  ],
  leaked: [
    'kubelet/at-once/who-leaves-ends-the-checkpoint',
    'runtime/leftovers/success-leaves-one-file',
    'runtime/leftovers/failure-leaves-a-folder-as-it-was',
    'runtime/after-checkpoint/no-image-is-left',
    'runtime/deadline/no-archive-appears',
    'runtime/cancellation/no-archive-appears',
    'runtime/restored-container/what-is-no-archive-is-refused',
  ],
  access: [
    'kubelet/paths/extra-parts-checkpoint-nothing',
    'kubelet/paths/path-of-a-name-stays-a-name',
    'kubelet/http/malformed-checkpoints-nothing',
    'kubelet/authentication/unauthenticated-learns-nothing',
    'kubelet/authorization/refused-before-lookup',
    'kubelet/authorization/unanswered-serves-nobody',
    'kubelet/read-only-port/does-not-checkpoint',
  ],
  outage: [
    'kubelet/reviews/failure-is-not-remembered',
    'kubelet/messages/nothing-of-an-error-stays',
    'kubelet/runtime-comes-and-goes/back-is-served',
    'kubelet/runtime-comes-and-goes/gone-in-the-middle-is-500',
    'kubelet/at-once/others-are-not-held-up',
    'kubelet/around/errors-leave-it-healthy',
    'kubelet/read-only-port/still-serves-the-endpoint',
    'runtime/checkpoint/every-dump-succeeds',
    'runtime/checkpoint-container/concurrent-all-succeed',
    'runtime/timeout/negative-is-refused',
    'runtime/deadline/later-checkpoint-succeeds',
    'runtime/cancellation/later-checkpoint-succeeds',
  ],
  restored: [
    'runtime/restored-container/labels-are-the-requests',
    'runtime/restored-container/annotations-are-the-requests',
    'runtime/restored-container/log-is-where-it-was-asked',
    'runtime/restored-container/log-is-kept',
    'runtime/restored-container/log-repeats-nothing',
    'runtime/restored-container/incomplete-is-refused',
    'runtime/restored-container/refusal-frees-the-name',
    'runtime/restored-container/archive-is-left-alone',
    'runtime/restored-container/one-archive-many-containers',
  ],
};

const BY_RULE: ReadonlyMap<string, Harm> = new Map(
  (Object.keys(RULES) as Harm[]).flatMap((harm) => RULES[harm].map((id) => [id, harm] as const)),
);

/** Returns the harm that a rule prevents; undefined if it is not a hardening rule. */
export const harmOf = (id: string): Harm | undefined => BY_RULE.get(id);

/** The ids of all rules that have a harm. */
export const RULES_WITH_HARM: readonly string[] = [...BY_RULE.keys()];
