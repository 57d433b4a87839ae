// A KubeletConfiguration file to settings: what is wrong is said with file, line and key, what is odd is warned of.
import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { errorCodeOrText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { NANOSECONDS_PER_SECOND } from '../../go/duration';
import { type ManifestField, rootField } from '../pods/manifest-field';
import type { KubeletSettings } from '../settings';
import { KNOWN_GATES } from '../versions';
import { duplicateKeys, type OddKey } from './duplicates';
import { type FieldKind, HONOURED, KNOWN_FIELDS, KNOWN_NESTED } from './known-fields';

const API_VERSION = 'kubelet.config.k8s.io/v1beta1';
const KIND = 'KubeletConfiguration';

/** What a configuration file says. */
export interface ReadConfiguration {
  /** Only what the file sets, and the file format's own defaults for authentication and authorization. */
  readonly settings: Partial<KubeletSettings>;
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

const CHECKS: Readonly<Record<FieldKind, (field: ManifestField) => unknown>> = {
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

const keysOf = ({ value }: ManifestField) => (typeof value === 'object' && value !== null ? Object.keys(value) : []);

/** Keys that no kubelet knows. */
function unknownKeys(root: ManifestField): OddKey[] {
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

const listed = (keys: readonly OddKey[]) => keys.map(({ name, line }) => `${name} (line ${line})`).join(', ');

function warningsOf(file: string, root: ManifestField, duplicates: readonly OddKey[]): string[] {
  const unknown = unknownKeys(root);
  const odd = [
    ...(unknown.length > 0 ? [`unknown: ${listed(unknown)}`] : []),
    ...(duplicates.length > 0 ? [`given twice, the last one holds: ${listed(duplicates)}`] : []),
  ];
  const idle = [
    ...keysOf(root).filter((key) => KNOWN_FIELDS.has(key) && !HONOURED.has(key)),
    ...keysOf(root.get('featureGates')).flatMap((gate) => (KNOWN_GATES.includes(gate) ? [] : [`featureGates.${gate}`])),
  ];
  return [
    ...(odd.length > 0 ? [`${file} has fields that a kubelet would warn of: ${odd.join('; ')}.`] : []),
    ...(idle.length > 0 ? [`${file} sets fields that have no effect on the fake kubelet: ${idle.join(', ')}.`] : []),
  ];
}

/** The value where the file has one, so that defaults of elsewhere can hold where it has none. */
function given<T>(key: keyof KubeletSettings, field: ManifestField, read: (field: ManifestField) => T): object {
  return field.isAbsent || field.value === '' ? {} : { [key]: read(field) };
}

/** Seconds of a duration; zero stands for the default, as a kubelet has it. */
function seconds(key: keyof KubeletSettings, field: ManifestField): object {
  const nanoseconds = field.duration(0n);
  if (nanoseconds < 0n) field.fail('must not be negative');
  return nanoseconds === 0n ? {} : { [key]: Number(nanoseconds) / Number(NANOSECONDS_PER_SECOND) };
}

function port(field: ManifestField): number {
  const number = field.integer(0);
  return number <= 65_535 ? number : field.fail('must be a port from 1 to 65535');
}

function settingsOf(root: ManifestField): Partial<KubeletSettings> {
  const authentication = root.get('authentication');
  const webhook = authentication.get('webhook');
  const authorization = root.get('authorization');
  const text = (field: ManifestField) => field.string();
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

/** Reads the text of a configuration file, YAML or JSON. Throws UserError for malformed text, wrong types and a wrong kind. */
export function parseConfiguration(file: string, text: string): ReadConfiguration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
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

/** Reads a configuration file. Throws UserError where it cannot be read, too. */
export async function readConfiguration(file: string): Promise<ReadConfiguration> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `The configuration file ${file} cannot be read (${errorCodeOrText(error)}): name a KubeletConfiguration that is there.`,
    );
  }
  return parseConfiguration(file, text);
}
