// Validates configurations against rules of the API that go beyond the types of the fields.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { IDMapping } from '../../../proto/types/runtime/v1/IDMapping';
import type { Mount } from '../../../proto/types/runtime/v1/Mount';
import type { UserNamespace } from '../../../proto/types/runtime/v1/UserNamespace';
import { RuntimeError } from '../state/runtime-error';

/** The fields that the security contexts of containers and sandboxes share. */
interface SecurityContext {
  readonly run_as_user: { readonly value: string } | null;
  readonly run_as_group: { readonly value: string } | null;
  readonly run_as_username?: string;
  readonly namespace_options: { readonly userns_options: UserNamespace | null } | null;
}

/** Checks that a group is set only together with a user. */
function checkGroup({ run_as_group, run_as_user, run_as_username }: SecurityContext): void {
  if (!run_as_group || run_as_user || run_as_username) return;
  throw new RuntimeError('invalid', `run_as_group ${run_as_group.value} is set without run_as_user`);
}

/**
 * Checks that there is at most one mapping, and that the mapping includes the container's root. Real runtimes do not
 * accept more mappings, and critest tests that.
 */
function checkMappings(mappings: readonly IDMapping[], of: string): void {
  if (mappings.length > 1) {
    throw new RuntimeError('invalid', `a user namespace has one mapping of ${of} ids, not ${mappings.length}`);
  }
  if (mappings[0] && mappings[0].container_id !== 0) {
    throw new RuntimeError('invalid', `a user namespace must map the ${of} id 0`);
  }
}

/** Checks that a user namespace is the pod's own or the node's, and that its mappings are valid. */
function checkUserNamespace({ mode, uids, gids }: UserNamespace): void {
  if (mode !== 'POD' && mode !== 'NODE') {
    throw new RuntimeError('invalid', `unsupported user namespace mode: ${JSON.stringify(mode)}`);
  }
  checkMappings(uids, 'user');
  checkMappings(gids, 'group');
}

/** Validates the security context of a sandbox or a container. */
export function checkSecurity(security: SecurityContext | null | undefined): void {
  if (!security) return;
  checkGroup(security);
  const namespace = security.namespace_options?.userns_options;
  if (namespace) checkUserNamespace(namespace);
}

/** Checks that a recursively read-only mount is itself read-only and does not receive mounts from the host. */
function checkMount({ container_path, recursive_read_only, readonly, propagation }: Mount): void {
  if (!recursive_read_only) return;
  const fail = (why: string) =>
    new RuntimeError(
      'invalid',
      `the mount at ${JSON.stringify(container_path)} cannot be recursively read-only: ${why}`,
    );
  if (!readonly) throw fail('it is not read-only');
  if (propagation !== 'PROPAGATION_PRIVATE') throw fail(`its propagation is ${propagation}`);
}

/** Validates the configuration of a container. */
export function checkContainer({ linux, mounts }: ContainerConfig): void {
  checkSecurity(linux?.security_context);
  for (const mount of mounts) checkMount(mount);
}
