// Answers reviews according to the policy, and records them in their order.
import type { HttpResponse } from '../go/net-http/exchange';
import { allows, hasExpired, type Policy, userOfToken } from './policy';
import { fromProtobuf, isProtobuf } from './protobuf';
import { badRequest, document } from './status';

/** A received review. */
export interface SeenReview {
  readonly url: string;
  readonly body: unknown;
}

export const TOKEN_REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
export const ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** The API server's error for an expired token of a service account. */
const EXPIRED = '[invalid bearer token, service account token has expired]';

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsIn = (value: unknown, name: string): Fields => {
  const inner = isFields(value) ? value[name] : undefined;
  return isFields(inner) ? inner : {};
};
const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
};

function tokenReview(policy: Policy, body: Fields): HttpResponse {
  const token = textIn(fieldsIn(body, 'spec'), 'token');
  const user = userOfToken(policy, token);
  const status = user
    ? {
        authenticated: true,
        user: {
          username: user.name,
          ...(user.uid && { uid: user.uid }),
          groups: user.groups,
          ...(user.extra && { extra: user.extra }),
        },
      }
    : { user: {}, error: hasExpired(policy, token) ? EXPIRED : '' };
  return document(201, { ...body, status });
}

function accessReview(policy: Policy, body: Fields): HttpResponse {
  const spec = fieldsIn(body, 'spec');
  const attributes = fieldsIn(spec, 'resourceAttributes');
  const groups = Array.isArray(spec['groups']) ? spec['groups'].map(String) : [];
  const subresource = textIn(attributes, 'subresource');
  const allowed = allows(
    policy,
    { name: textIn(spec, 'user'), groups },
    {
      verb: textIn(attributes, 'verb'),
      resource: `${textIn(attributes, 'resource')}${subresource && `/${subresource}`}`,
      name: textIn(attributes, 'name'),
    },
  );
  return document(201, { ...body, status: { allowed } });
}

/**
 * Answers a review. The response is always JSON, because every Kubernetes client accepts JSON. A body that is not a
 * review is a bad request.
 * @param seen the list to which the review is added
 */
export function answerReview(policy: Policy, url: string, bytes: Buffer | string, seen: SeenReview[]): HttpResponse {
  let body: unknown;
  try {
    body = Buffer.isBuffer(bytes) && isProtobuf(bytes) ? fromProtobuf(bytes) : JSON.parse(bytes.toString());
  } catch {
    return badRequest(
      'the body of the request was in an unknown format - accepted media types include: application/json, application/vnd.kubernetes.protobuf',
    );
  }
  if (!isFields(body)) return badRequest('the body of the request is not an object');
  seen.push({ url, body });
  return url === TOKEN_REVIEWS ? tokenReview(policy, body) : accessReview(policy, body);
}
