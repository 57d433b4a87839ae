// Validates the authority of a URL (user, host, port) as Go's net/url does. Text has one character per byte.

const USER = /^[A-Za-z0-9\-._~!$&'()*+,;=:%@]*$/;
/** Matches a host. It may contain bytes beyond ASCII, escaped or not. No other character may be escaped. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"\x80-\xff]|%[89a-fA-F][0-9a-fA-F])*$/;
/**
 * Matches an IP address in brackets. Its zone, which starts with an escaped percent sign, may contain any characters.
 */
const LITERAL = /^\[[^\]%]*(?:%25[^\]]*)?\]$/;
const PORT = /^(?::[0-9]*)?$/;

/** Schemes whose hosts may have at most one colon. */
const WEB: ReadonlySet<string> = new Set(['http', 'https']);

function isHost(host: string, scheme: string): boolean {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return false;
  if (bracket === 0) {
    const end = host.lastIndexOf(']');
    return end >= 0 && LITERAL.test(host.slice(0, end + 1)) && PORT.test(host.slice(end + 1));
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !PORT.test(host.slice(colon))) return false;
  if (WEB.has(scheme.toLowerCase()) && host.indexOf(':') !== colon) return false;
  return HOST.test(host);
}

/**
 * Returns whether Go accepts an authority.
 *
 * @param authority the text between `//` and the path of a URL
 */
export function isAuthority(authority: string, scheme: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  return USER.test(user) && !/%(?![0-9a-fA-F]{2})/.test(user) && isHost(authority.slice(at + 1), scheme);
}
