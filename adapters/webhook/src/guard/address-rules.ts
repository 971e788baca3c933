import { BlockList, isIP } from "node:net";
import { InvalidInput, type Problem, type UrlRule } from "@punctual/core";
import { bareName } from "./host-name.js";

type Family = "ipv4" | "ipv6";
type Ranges = readonly (readonly [UrlRule, BlockList])[];

/** Of several ranges that hold an address the first one names it. What stands in none is public. */
const INSIDE_IPV4: Ranges = [
  ["address_metadata", listOf("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192")],
  ["address_loopback", listOf("127.0.0.0/8")],
  ["address_private", listOf("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")],
  ["address_link_local", listOf("169.254.0.0/16")],
  ["address_multicast", listOf("224.0.0.0/4")],
  ["address_reserved", listOf("0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15")],
  ["address_reserved", listOf("198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")],
];

/**
 * Only 2000::/3 is handed out to the public, so the rest is reserved unless it has a word of its own. That refuses all
 * forms that carry an IPv4 address but the mapped one: they lead to wherever a translator or a tunnel stands.
 */
const INSIDE_IPV6: Ranges = [
  ["address_metadata", listOf("fd00:ec2::254")],
  ["address_loopback", listOf("::1")],
  ["address_private", listOf("fc00::/7", "fec0::/10")],
  ["address_link_local", listOf("fe80::/10")],
  ["address_multicast", listOf("ff00::/8")],
  // Teredo and ORCHID, examples, 6to4, more examples.
  ["address_reserved", listOf("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")],
];
const PUBLIC_IPV6 = listOf("2000::/3");

// Only ever asked about IPv6: a BlockList compares in mapped form, so about IPv4 it would say yes to everything.
const MAPPED = listOf("::ffff:0:0/96");

/** Which addresses are on the inside, and so are not called, save those that the operator allows. */
export class AddressRules {
  readonly #allowed = { ipv4: new BlockList(), ipv6: new BlockList() };
  readonly #allowedHosts = new Set<string>();

  /** Each entry is a CIDR (`10.0.0.0/8`), an address (`::1`) or the name of a host, whose addresses are then not judged. */
  constructor(allowed: readonly string[] = []) {
    const problems: Problem[] = [];
    for (const [index, entry] of allowed.entries()) {
      if (isHostName(entry)) this.#allowedHosts.add(bareName(entry));
      else if (isRange(entry)) add(this.#allowed[kindOf(addressOf(entry))], entry);
      else problems.push({ pointer: `/allow/${index}`, code: "not_a_range", message: `${entry}: ${EXPECTED}` });
    }
    if (problems.length > 0) throw new InvalidInput(problems);
  }

  /** What speaks against calling this IPv4 or IPv6 address, if anything does. What is no address is reserved, too. */
  objection(address: string): UrlRule | null {
    const [kind, family] = [kindOf(address), familyOf(address)];
    if (this.#allowed[kind].check(address, family)) return null;
    const inside = kind === "ipv4" ? INSIDE_IPV4 : INSIDE_IPV6;
    const rule = inside.find(([, list]) => list.check(address, family))?.[0];
    return rule ?? (kind === "ipv4" || PUBLIC_IPV6.check(address, family) ? null : "address_reserved");
  }

  allowsHost(name: string): boolean {
    return this.#allowedHosts.has(bareName(name));
  }
}

const EXPECTED = "Must be a CIDR, an address or the name of a host; a mapped IPv4 address is written as IPv4";

function listOf(...ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) add(list, range);
  return list;
}

function add(list: BlockList, range: string): void {
  const [address = "", bits] = range.split("/");
  if (bits === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(bits), familyOf(address));
}

function isRange(entry: string): boolean {
  const [, address = "", bits = "0"] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return false;
  return family === 4 || !MAPPED.check(address, "ipv6");
}

/** A name, the last part of which keeps it from being one of the spellings of an IPv4 address. */
function isHostName(entry: string): boolean {
  return /^([a-z\d_-]{1,63}\.)*(?!\d+\.?$|0x[\da-f]*\.?$)[a-z\d_-]{1,63}\.?$/i.test(entry);
}

function addressOf(range: string): string {
  return range.replace(/\/.*/, "");
}

/** How the address is written. */
function familyOf(address: string): Family {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

/** What the address is: a mapped one is reached over IPv4. */
function kindOf(address: string): Family {
  return familyOf(address) === "ipv4" || MAPPED.check(address, "ipv6") ? "ipv4" : "ipv6";
}
