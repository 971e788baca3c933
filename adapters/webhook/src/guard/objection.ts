import type { UrlObjection, UrlRule } from "@punctual/core";

/** What a broken rule is called. It names the host or port as it was given, never an address that stands behind it. */
const WORDS: Readonly<Record<UrlRule, (what: string) => string>> = {
  not_a_url: () => "Must be an absolute http or https URL, without spaces, backslashes and control characters",
  credentials_in_url: () => "Must not contain a user name or a password",
  host_not_ascii: () => "The host must be in ASCII: an international name is written as xn--…",
  port_not_allowed: (port) => `Port ${port} may not be called`,
  address_loopback: (host) => `${host} is the machine itself`,
  address_private: (host) => `${host} is in a private network`,
  address_link_local: (host) => `${host} is on the local link`,
  address_metadata: (host) => `${host} is the metadata service of a cloud`,
  address_multicast: (host) => `${host} is a multicast address`,
  address_reserved: (host) => `${host} is a reserved address`,
  addresses_mixed: (host) => `${host} has addresses on the outside and on the inside`,
};

export function objectionOf(code: UrlRule, what: string): UrlObjection {
  return { code, message: WORDS[code](what) };
}
