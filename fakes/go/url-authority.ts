// The authority of a URL (user, host, port) as Go's net/url judges it. Text has one character per byte.

const USER = /^[A-Za-z0-9\-._~!$&'()*+,;=:%@]*$/;
/** In a host, bytes beyond ASCII and what Go leaves alone; the only escapes are those of such bytes. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"\x80-\xff]|%[89a-fA-F][0-9a-fA-F])*$/;
/** Behind the percent sign of an address's zone, which is escaped itself, anything may be. */
const LITERAL = /^\[[^\]%]*(?:%25[^\]]*)?\]$/;
const PORT = /^(?::[0-9]*)?$/;

/** Schemes whose hosts have one colon at most. */
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

/** Whether Go takes what stands between the slashes of a URL. */
export function isAuthority(authority: string, scheme: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  return USER.test(user) && !/%(?![0-9a-fA-F]{2})/.test(user) && isHost(authority.slice(at + 1), scheme);
}
