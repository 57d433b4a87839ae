// The form of CRI messages in recordings and in the call log: without default values, bytes as text.

/** Fields that are maps of strings. They are kept as they are, because an empty label is not a default value. */
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

/** The name of the value 0 of each enum. */
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

/** String fields in which `0` is a value. In any other field the string `0` is a 64-bit zero, the default. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['cpuset_cpus', 'cpuset_mems', 'name']);

/** `options` is a map in some messages and a message in others. */
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
 * @param maxEntries how many entries of a list to keep
 */
export function inRecordedForm(message: object, maxEntries = Number.POSITIVE_INFINITY): object {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([field, value]) => !isDefault(field, value))
      .map(([field, value]) => [field, plainValue(field, value, maxEntries)]),
  );
}
