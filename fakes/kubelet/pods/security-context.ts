// Security contexts: read from a manifest, and told to a runtime as a kubelet does.
import type { Int64Value } from '../../../proto/types/runtime/v1/Int64Value';
import type { ManifestField } from './manifest-field';

/** Whom processes run as, where a manifest says so. */
export interface RunAs {
  readonly user?: number;
  readonly group?: number;
}

export interface PodSecurity extends RunAs {
  /** The group of its volumes, then the supplemental ones. */
  readonly groups: readonly number[];
}

export interface ContainerSecurity extends RunAs {
  readonly privileged: boolean;
  readonly readonlyRoot: boolean;
  readonly noNewPrivileges: boolean;
  /** Nothing of `/proc` is hidden from it (procMount Unmasked). */
  readonly unmasked: boolean;
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
}

const optional = (field: ManifestField) => (field.isAbsent ? undefined : field.integer(0));

function runAs(context: ManifestField): RunAs {
  const [user, group] = [optional(context.get('runAsUser')), optional(context.get('runAsGroup'))];
  return { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
}

/** @param context `securityContext` of a pod; throws UserError */
export function podSecurity(context: ManifestField): PodSecurity {
  const ofVolumes = optional(context.get('fsGroup'));
  const supplemental = context
    .get('supplementalGroups')
    .list()
    .map((group) => group.integer(0));
  return { ...runAs(context), groups: [...(ofVolumes === undefined ? [] : [ofVolumes]), ...supplemental] };
}

/**
 * What holds for a container: its own context goes before its pod's.
 *
 * @param context `securityContext` of the container; throws UserError
 */
export function containerSecurity(context: ManifestField, pod: PodSecurity): ContainerSecurity {
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

/** The user and group of a manifest as CRI has them; a field that is not set is left out. */
export function criRunAs({ user, group }: RunAs) {
  return {
    ...(user !== undefined && { run_as_user: int64(user) }),
    ...(group !== undefined && { run_as_group: int64(group) }),
  };
}

/** Whom an image wants to run as, as the runtime tells it: root where it does not say. */
export function criImageUser(image: { readonly uid: Int64Value | null; readonly username: string } | null) {
  if (image?.uid) return { run_as_user: { value: image.uid.value } };
  return image?.username ? { run_as_username: image.username } : { run_as_user: {} };
}
