// CRI messages as recordings show them: fields with their default values left out, bytes as text.

/** Fields that are maps of text: kept as they are, since an empty label value is a value. */
export const MAP_FIELDS: ReadonlySet<string> = new Set([
  'annotations',
  'info',
  'label_selector',
  'labels',
  'options',
  'sysctls',
  'unified',
]);

/** Fields that are enums, with the names of their zeros. */
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

/** Text fields in which `0` says something; in all others it is a 64-bit zero. */
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

function plainValue(field: string, value: unknown, longestList: number): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.slice(0, longestList).map((item) => plainValue('', item, longestList));
  if (typeof value !== 'object' || value === null || isMap(field, value)) return value;
  return inRecordedForm(value, longestList);
}

/** A copy of a message without its default values; of longer lists only the first `longestList` entries. */
export function inRecordedForm(message: object, longestList = Number.POSITIVE_INFINITY): object {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([field, value]) => !isDefault(field, value))
      .map(([field, value]) => [field, plainValue(field, value, longestList)]),
  );
}
