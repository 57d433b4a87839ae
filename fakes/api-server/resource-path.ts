// Parses paths of the Kubernetes API into group, resource and name.

export interface ResourcePath {
  readonly group: string;
  /** The resource with its subresource. */
  readonly resource: string;
  /** Name of the resource; empty if the path is for all resources of the kind. */
  readonly name: string;
}

const CORE = /^\/api\/v1(\/.*)$/;
const GROUPED = /^\/apis\/([^/]+)\/[^/]+(\/.*)$/;
const WITHIN = /^(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/;

/** Parses a path. Returns undefined if the path is not that of a resource. */
export function resourceIn(url: string): ResourcePath | undefined {
  const [, core] = CORE.exec(url) ?? [];
  const [, group = '', grouped] = GROUPED.exec(url) ?? [];
  const [, kind, name = '', subresource] = WITHIN.exec(core ?? grouped ?? '') ?? [];
  if (kind === undefined) return undefined;
  return { group, resource: subresource === undefined ? kind : `${kind}/${subresource}`, name };
}
