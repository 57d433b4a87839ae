// What a path of an API server is about: group, resource and name.

export interface ResourcePath {
  readonly group: string;
  /** With its subresource. */
  readonly resource: string;
  /** Empty for all of a kind. */
  readonly name: string;
}

const CORE = /^\/api\/v1(\/.*)$/;
const GROUPED = /^\/apis\/([^/]+)\/[^/]+(\/.*)$/;
const WITHIN = /^(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/;

/** Undefined for what is no resource. */
export function resourceIn(url: string): ResourcePath | undefined {
  const [, core] = CORE.exec(url) ?? [];
  const [, group = '', grouped] = GROUPED.exec(url) ?? [];
  const [, kind, name = '', subresource] = WITHIN.exec(core ?? grouped ?? '') ?? [];
  if (kind === undefined) return undefined;
  return { group, resource: subresource === undefined ? kind : `${kind}/${subresource}`, name };
}
