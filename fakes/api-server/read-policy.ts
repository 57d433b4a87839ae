// Reads a policy from a YAML file: tokens, rules, and roles for users or groups.
import { readFile } from 'node:fs/promises';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';
import { parseYaml } from '../base/yaml-text';
import type { UserInfo } from '../go/net-http/exchange';
import { rootField, type YamlField } from '../kubelet/yaml-field';
import { type Policy, ROLES, type Rule } from './policy';

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['tokens', 'rules', 'kubeletClient'],
  kubeletClient: ['name', 'groups'],
  tokens: ['token', 'user', 'expired'],
  user: ['name', 'groups', 'uid', 'extra'],
  rules: ['users', 'groups', 'verbs', 'resources', 'names', 'role'],
};

/** Refuses unknown keys, so that typing errors are reported. */
function onlyKnown(field: YamlField, kind: string): void {
  for (const key of Object.keys(field.value ?? {})) {
    if (!KEYS[kind]?.includes(key))
      field.get(key).fail(`is not a known key here: the keys are ${KEYS[kind]?.join(', ')}`);
  }
}

function userOf(field: YamlField): UserInfo {
  onlyKnown(field, 'user');
  const uid = field.get('uid').string('');
  const extra = field.get('extra');
  const names = typeof extra.value === 'object' && extra.value !== null ? Object.keys(extra.value) : [];
  return {
    name: field.get('name').string(),
    groups: field.get('groups').strings(),
    ...(uid && { uid }),
    ...(names.length > 0 && { extra: Object.fromEntries(names.map((name) => [name, extra.get(name).strings()])) }),
  };
}

function rulesOf(field: YamlField): Rule[] {
  onlyKnown(field, 'rules');
  const names = field.get('names');
  const subjects = {
    users: field.get('users').strings(),
    groups: field.get('groups').strings(),
    ...(!names.isAbsent && { names: names.strings() }),
  };
  const role = field.get('role');
  if (role.isAbsent)
    return [{ ...subjects, verbs: field.get('verbs').strings(), resources: field.get('resources').strings() }];
  const known = ROLES[role.string()] ?? role.fail(`must be one of ${Object.keys(ROLES).join(', ')}`);
  return known.map((rule) => ({ ...subjects, ...rule }));
}

/**
 * Reads a policy.
 * @throws UserError with file and line if the file cannot be read or is not valid
 */
export async function readPolicy(file: string): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`The policy file ${file} cannot be read (${errorCodeOrText(error)}): name an existing file.`);
  }
  const root = rootField({ file, ...parseYaml(text) }, 'a policy');
  root.get('tokens');
  onlyKnown(root, '');
  const tokens = root
    .get('tokens')
    .list()
    .map((field) => {
      onlyKnown(field, 'tokens');
      const expired = field.get('expired').boolean(false);
      return { token: field.get('token').string(), user: userOf(field.get('user')), ...(expired && { expired }) };
    });
  const client = root.get('kubeletClient');
  onlyKnown(client, 'kubeletClient');
  return {
    tokens,
    rules: root.get('rules').list().flatMap(rulesOf),
    ...(!client.isAbsent && {
      kubeletClient: { name: client.get('name').string(), groups: client.get('groups').strings() },
    }),
  };
}
