// Converts CRI messages to the form in recordings and in the call log: without default values, and with bytes as text.

/** Fields that are maps of strings. They are copied unchanged, because an empty label is not a default value. */
export const MAP_FIELDS: ReadonlySet<string> = new Set([
  'annotations',
  'info',
  'label_selector',
  'labels',
  'options',
  'sysctls',
  'unified',
]);

/** Fields whose values are enums. */
export const ENUM_FIELDS: ReadonlySet<string> = new Set([
  'cgroup_driver',
  'container_event_type',
  'ipc',
  'metric_type',
  'mode',
  'network',
  'pid',
  'profile_type',
  'propagation',
  'protocol',
  'state',
  'stop_signal',
  'supplemental_groups_policy',
]);

/** The names of the value 0 of all enums. */
export const ENUM_ZEROS: ReadonlySet<string> = new Set([
  'CONTAINER_CREATED',
  'CONTAINER_CREATED_EVENT',
  'COUNTER',
  'Merge',
  'POD',
  'PROPAGATION_PRIVATE',
  'RuntimeDefault',
  'SANDBOX_READY',
  'SIGNAL_RUNTIME_DEFAULT',
  'SYSTEMD',
  'TCP',
]);

/**
 * String fields in which `0` is a text. In all other fields the string `0` is a 64-bit zero, which is a default value.
 */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['cpuset_cpus', 'cpuset_mems', 'name']);

/** Returns whether a field is a map. `options` is a map in some messages and a message in others. */
const isMap = (field: string, value: object) =>
  MAP_FIELDS.has(field) && Object.values(value).every((entry) => typeof entry === 'string');

const isEmpty = (value: object) => Object.keys(value).length === 0;

function isDefault(field: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return true;
  if (typeof value === 'string') {
    return (value === '0' && !TEXT_FIELDS.has(field)) || (ENUM_FIELDS.has(field) && ENUM_ZEROS.has(value));
  }
  return typeof value === 'object' && isEmpty(value) && (Array.isArray(value) || isMap(field, value));
}

function plainValue(field: string, value: unknown, maxEntries: number): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => plainValue('', item, maxEntries));
  if (typeof value !== 'object' || value === null || isMap(field, value)) return value;
  return inRecordedForm(value, maxEntries);
}

/**
 * Copies a message without its default values.
 *
 * @param maxEntries maximum number of entries of a list; further entries are omitted
 */
export function inRecordedForm(message: object, maxEntries = Number.POSITIVE_INFINITY): object {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([field, value]) => !isDefault(field, value))
      .map(([field, value]) => [field, plainValue(field, value, maxEntries)]),
  );
}
