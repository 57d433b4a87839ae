// Reads security contexts from a manifest and converts them to CRI as a kubelet does.
import type { Int64Value } from '../../../proto/types/runtime/v1/Int64Value';
import type { YamlField } from '../yaml-field';

/** The user and group that processes run as, if a manifest sets them. */
export interface RunAs {
  readonly user?: number;
  readonly group?: number;
}

export interface PodSecurity extends RunAs {
  /** The supplemental groups: `fsGroup` if it is set, then `supplementalGroups`. */
  readonly groups: readonly number[];
}

export interface ContainerSecurity extends RunAs {
  readonly privileged: boolean;
  readonly readonlyRoot: boolean;
  readonly noNewPrivileges: boolean;
  /** Whether all of `/proc` is visible (procMount Unmasked). */
  readonly unmasked: boolean;
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
}

const optional = (field: YamlField) => (field.isAbsent ? undefined : field.integer(0));

function runAs(context: YamlField): RunAs {
  const [user, group] = [optional(context.get('runAsUser')), optional(context.get('runAsGroup'))];
  return { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
}

/**
 * Reads the security context of a pod.
 * @param context the field `securityContext` of the pod
 * @throws UserError if a value has the wrong type
 */
export function podSecurity(context: YamlField): PodSecurity {
  const ofVolumes = optional(context.get('fsGroup'));
  const supplemental = context
    .get('supplementalGroups')
    .list()
    .map((group) => group.integer(0));
  return { ...runAs(context), groups: [...(ofVolumes === undefined ? [] : [ofVolumes]), ...supplemental] };
}

/**
 * Reads the security context of a container. The container's values take precedence over the values of the pod.
 * @param context the field `securityContext` of the container
 * @param pod the security context of its pod
 * @throws UserError if a value has the wrong type
 */
export function containerSecurity(context: YamlField, pod: PodSecurity): ContainerSecurity {
  const capabilities = context.get('capabilities');
  const { user, group } = pod;
  return {
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
    ...runAs(context),
    privileged: context.get('privileged').boolean(false),
    readonlyRoot: context.get('readOnlyRootFilesystem').boolean(false),
    noNewPrivileges: !context.get('allowPrivilegeEscalation').boolean(true),
    unmasked: context.get('procMount').choice(['Default', 'Unmasked'], 'Default') === 'Unmasked',
    addedCapabilities: capabilities.get('add').strings(),
    droppedCapabilities: capabilities.get('drop').strings(),
  };
}

const int64 = (value: number | undefined) => (value === undefined ? {} : { value: String(value) });

/** Converts user and group to CRI. Values that are not set are omitted. */
export function criRunAs({ user, group }: RunAs) {
  return {
    ...(user !== undefined && { run_as_user: int64(user) }),
    ...(group !== undefined && { run_as_group: int64(group) }),
  };
}

/** Converts the user that the runtime reports for an image to CRI; root if the runtime reports no user. */
export function criImageUser(image: { readonly uid: Int64Value | null; readonly username: string } | null) {
  if (image?.uid) return { run_as_user: { value: image.uid.value } };
  return image?.username ? { run_as_username: image.username } : { run_as_user: {} };
}
