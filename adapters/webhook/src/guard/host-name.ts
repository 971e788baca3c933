/** The host as it is dialled: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** The host as rules and certificates know it: without the dot that ends a full name. */
export function bareName(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
