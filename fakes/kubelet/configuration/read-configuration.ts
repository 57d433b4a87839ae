// Reads a KubeletConfiguration file. Errors name file, line and key; unknown and ineffective keys cause warnings.
import { readFile } from 'node:fs/promises';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { parseYaml } from '../../base/yaml-text';
import { NANOSECONDS_PER_SECOND } from '../../go/duration';
import type { FakeKubeletSettings } from '../settings';
import { KNOWN_GATES } from '../versions';
import { rootField, type YamlField } from '../yaml-field';
import { duplicateKeys, type KeyPosition } from './duplicates';
import { EFFECTIVE_FIELDS, type FieldKind, KNOWN_FIELDS, KNOWN_NESTED } from './known-fields';

const API_VERSION = 'kubelet.config.k8s.io/v1beta1';
const KIND = 'KubeletConfiguration';

/** The content of a configuration file. */
export interface ReadConfiguration {
  /** The settings in the file, and the file format's defaults for authentication and authorization. */
  readonly settings: Partial<FakeKubeletSettings>;
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
  /** Warnings about the file, one sentence each. */
  readonly warnings: readonly string[];
}

const CHECKS: Readonly<Record<FieldKind, (field: YamlField) => unknown>> = {
  text: (field) => field.string(''),
  boolean: (field) => field.boolean(false),
  integer: (field) => field.isAbsent || Number.isSafeInteger(field.value) || field.fail('must be a whole number'),
  number: (field) => field.isAbsent || typeof field.value === 'number' || field.fail('must be a number'),
  duration: (field) => field.duration(0n),
  texts: (field) => field.strings(),
  integers: (field) =>
    field.list().map((item) => Number.isSafeInteger(item.value) || item.fail('must be a whole number')),
  list: (field) => field.list(),
  map: (field) => field.get(''),
  'map-of-text': (field) => field.record(),
  'map-of-booleans': (field) => field.booleans(),
};

const keysOf = ({ value }: YamlField) => (typeof value === 'object' && value !== null ? Object.keys(value) : []);

/** Returns the keys that a kubelet does not know. */
function unknownKeys(root: YamlField): KeyPosition[] {
  const top = keysOf(root).filter((key) => key !== 'apiVersion' && key !== 'kind' && !KNOWN_FIELDS.has(key));
  const nested = Object.entries(KNOWN_NESTED).flatMap(([path, known]) => {
    const field = path.split('.').reduce((inner, key) => inner.get(key), root);
    return keysOf(field).flatMap((key) =>
      known.includes(key) ? [] : [{ field: field.get(key), name: `${path}.${key}` }],
    );
  });
  return [
    ...top.map((key) => ({ name: key, line: root.get(key).line })),
    ...nested.map(({ field, name }) => ({ name, line: field.line })),
  ];
}

const listed = (keys: readonly KeyPosition[]) => keys.map(({ name, line }) => `${name} (line ${line})`).join(', ');

function warningsOf(file: string, root: YamlField, duplicates: readonly KeyPosition[]): string[] {
  const unknown = unknownKeys(root);
  const suspicious = [
    ...(unknown.length > 0 ? [`unknown: ${listed(unknown)}`] : []),
    ...(duplicates.length > 0 ? [`set twice, so that the last value applies: ${listed(duplicates)}`] : []),
  ];
  const ineffective = [
    ...keysOf(root).filter((key) => KNOWN_FIELDS.has(key) && !EFFECTIVE_FIELDS.has(key)),
    ...keysOf(root.get('featureGates')).flatMap((gate) => (KNOWN_GATES.includes(gate) ? [] : [`featureGates.${gate}`])),
  ];
  return [
    ...(suspicious.length > 0 ? [`${file} has fields that a kubelet would warn about: ${suspicious.join('; ')}.`] : []),
    ...(ineffective.length > 0
      ? [`${file} sets fields that have no effect on the fake kubelet: ${ineffective.join(', ')}.`]
      : []),
  ];
}

/** Returns a setting if the file contains a value for it, else an empty object, so that the default applies. */
function given<T>(key: keyof FakeKubeletSettings, field: YamlField, read: (field: YamlField) => T): object {
  return field.isAbsent || field.value === '' ? {} : { [key]: read(field) };
}

/**
 * Returns a setting with a duration in seconds; an empty object if the duration is zero, which means the default in a
 * kubelet.
 */
function seconds(key: keyof FakeKubeletSettings, field: YamlField): object {
  const nanoseconds = field.duration(0n);
  if (nanoseconds < 0n) field.fail('must not be negative');
  return nanoseconds === 0n ? {} : { [key]: Number(nanoseconds) / Number(NANOSECONDS_PER_SECOND) };
}

function port(field: YamlField): number {
  const number = field.integer(0);
  return number <= 65_535 ? number : field.fail('must be a port from 1 to 65535');
}

function settingsOf(root: YamlField): Partial<FakeKubeletSettings> {
  const authentication = root.get('authentication');
  const webhook = authentication.get('webhook');
  const authorization = root.get('authorization');
  const text = (field: YamlField) => field.string();
  return {
    ...given('address', root.get('address'), text),
    ...given('port', root.get('port'), port),
    ...given('readOnlyPort', root.get('readOnlyPort'), port),
    ...given('tlsCertFile', root.get('tlsCertFile'), text),
    ...given('tlsPrivateKeyFile', root.get('tlsPrivateKeyFile'), text),
    ...given('tlsMinVersion', root.get('tlsMinVersion'), text),
    ...given('tlsCipherSuites', root.get('tlsCipherSuites'), (field) => field.strings()),
    ...given('clientCAFile', authentication.get('x509').get('clientCAFile'), text),
    anonymous: authentication.get('anonymous').get('enabled').boolean(false),
    webhookAuthentication: webhook.get('enabled').boolean(true),
    ...seconds('tokenCacheSeconds', webhook.get('cacheTTL')),
    authorization: authorization.get('mode').choice<'AlwaysAllow' | 'Webhook'>(['AlwaysAllow', 'Webhook'], 'Webhook'),
    ...seconds('allowedCacheSeconds', authorization.get('webhook').get('cacheAuthorizedTTL')),
    ...seconds('deniedCacheSeconds', authorization.get('webhook').get('cacheUnauthorizedTTL')),
    ...given('featureGates', root.get('featureGates'), (field) => field.booleans()),
    ...given('enableDebuggingHandlers', root.get('enableDebuggingHandlers'), (field) => field.boolean(true)),
    ...given('staticPodPath', root.get('staticPodPath'), text),
    ...seconds('fileCheckSeconds', root.get('fileCheckFrequency')),
    ...seconds('runtimeRequestTimeoutSeconds', root.get('runtimeRequestTimeout')),
    ...given('podLogsDir', root.get('podLogsDir'), text),
  };
}

/**
 * Reads the text of a configuration file.
 * @param file path of the file, for messages
 * @param text YAML or JSON
 * @returns settings, endpoints and warnings
 * @throws UserError if the text cannot be parsed, is not a KubeletConfiguration, or a value has the wrong type
 */
export function parseConfiguration(file: string, text: string): ReadConfiguration {
  const { document, lines } = parseYaml(text, { repeatedKeys: true });
  const root = rootField({ file, document, lines }, `a ${KIND}`);
  if (root.isAbsent) root.fail(`is empty: write a ${KIND} into it`);
  if (root.get('kind').string() !== KIND) root.get('kind').fail(`must be ${KIND}`);
  if (root.get('apiVersion').string() !== API_VERSION) root.get('apiVersion').fail(`must be ${API_VERSION}`);
  for (const [name, kind] of KNOWN_FIELDS) CHECKS[kind](root.get(name));
  const runtimeEndpoint = root.get('containerRuntimeEndpoint').string('');
  const imageEndpoint = root.get('imageServiceEndpoint').string('');
  return {
    settings: settingsOf(root),
    ...(runtimeEndpoint && { runtimeEndpoint }),
    ...(imageEndpoint && { imageEndpoint }),
    warnings: warningsOf(file, root, duplicateKeys(document.contents, lines)),
  };
}

/**
 * Reads a configuration file.
 * @param file path of a KubeletConfiguration, YAML or JSON
 * @returns settings, endpoints and warnings
 * @throws UserError if the file cannot be read, parsed or used as a KubeletConfiguration
 */
export async function readConfiguration(file: string): Promise<ReadConfiguration> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `The configuration file ${file} cannot be read (${errorCodeOrText(error)}): name an existing KubeletConfiguration.`,
    );
  }
  return parseConfiguration(file, text);
}
