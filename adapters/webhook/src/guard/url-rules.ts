import { isIP } from "node:net";
import type { UrlObjection, UrlRule } from "@punctual/core";
import type { AddressRules } from "./address-rules.js";
import { bareName, hostOf } from "./host-name.js";
import { objectionOf } from "./objection.js";
import type { PortRules } from "./port-rules.js";

/** Names that are judged as the address that they are known to stand for, whatever a look-up says. */
const KNOWN_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(.+\.)?localhost$/, "127.0.0.1"],
  [/^metadata(\.google\.internal|\.goog)?$/, "169.254.169.254"],
];

/** What can be told from a URL alone. */
export class UrlRules {
  readonly #addresses: AddressRules;
  readonly #ports: PortRules;

  constructor(rules: { readonly addresses: AddressRules; readonly ports: PortRules }) {
    this.#addresses = rules.addresses;
    this.#ports = rules.ports;
  }

  objection(text: string): UrlObjection | null {
    // The parser mends too much to be asked first: it drops tabs and line ends, turns backslashes into slashes and wide
    // digits into digits, and decodes percent signs in the host. What a reader takes for one host is called as another.
    const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1];
    if (authority === undefined || /[ \p{Cc}\\]/u.test(text)) return objectionOf("not_a_url", text);
    if (authority.includes("@")) return objectionOf("credentials_in_url", text);
    if (/\P{ASCII}/u.test(authority)) return objectionOf("host_not_ascii", text);
    const url = authority.includes("%") ? null : URL.parse(text);
    if (url === null || /^\.|\.\./.test(url.hostname)) return objectionOf("not_a_url", text);

    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    if (!this.#ports.allows(Number(port))) return objectionOf("port_not_allowed", port);
    const rule = this.hostRule(hostOf(url));
    return rule && objectionOf(rule, url.hostname);
  }

  /** What speaks against a host before it is looked up: nothing but its own text. */
  hostRule(host: string): UrlRule | null {
    const bare = bareName(host);
    if (this.#addresses.allowsHost(bare)) return null;
    const address = isIP(bare) ? bare : KNOWN_NAMES.find(([name]) => name.test(bare))?.[1];
    return address === undefined ? null : this.#addresses.objection(address);
  }
}
