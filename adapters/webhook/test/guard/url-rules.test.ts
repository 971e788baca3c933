import { isIPv4 } from "node:net";
import type { UrlRule } from "@punctual/core";
import { expect } from "chai";
import fc from "fast-check";
import { AddressRules } from "../../src/guard/address-rules.js";
import { PortRules } from "../../src/guard/port-rules.js";
import { UrlRules } from "../../src/guard/url-rules.js";

const made = (allowed: readonly string[] = [], ports?: string) =>
  new UrlRules({ addresses: new AddressRules(allowed), ports: new PortRules(ports) });

const CASES: readonly (readonly [url: string, code: UrlRule | null])[] = [
  ["https://example.com", null],
  ["https://example.com/hooks?a=b&c=%20#d", null],
  ["HTTPS://EXAMPLE.COM/", null],
  ["http://example.com./", null],
  ["http://example.com:/", null],
  ["http://example.com:8080/@user", null],
  ["http://xn--mnchen-3ya.example/", null],
  ["http://a_b.example/", null],
  ["http://example.com/ü/。?ü=１", null],
  ["http://8.8.8.8/", null],
  ["http://[2606:4700:4700::1111]:8443/", null],
  ["http://[::ffff:8.8.8.8]/", null],
  ["http://localhost.example.com/", null],
  ["http://notlocalhost/", null],
  ["http://metadata.example.com/", null],

  ["", "not_a_url"],
  ["example.com", "not_a_url"],
  ["/hooks", "not_a_url"],
  ["//example.com/", "not_a_url"],
  ["http:", "not_a_url"],
  ["http://", "not_a_url"],
  ["http:example.com", "not_a_url"],
  ["http:/example.com", "not_a_url"],
  ["http:///example.com", "not_a_url"],
  ["https://?q", "not_a_url"],
  ["ftp://example.com/", "not_a_url"],
  ["file:///etc/passwd", "not_a_url"],
  ["javascript:alert(1)", "not_a_url"],
  ["data:text/plain,a", "not_a_url"],
  ["ws://example.com/", "not_a_url"],
  ["unix:/var/run/docker.sock", "not_a_url"],
  [" http://example.com/", "not_a_url"],
  ["http://example.com/ ", "not_a_url"],
  ["http://exa mple.com/", "not_a_url"],
  ["ht\ntp://example.com/", "not_a_url"],
  ["http://exam\tple.com/", "not_a_url"],
  ["http://example.com/a\r\nb", "not_a_url"],
  ["http://example.com/\0", "not_a_url"],
  ["http://example.com/\u0085", "not_a_url"],
  ["http:\\\\example.com\\", "not_a_url"],
  ["http://example.com\\@localhost/", "not_a_url"],
  ["http://ex%61mple.com/", "not_a_url"],
  ["http://127.0.0.1%2f@example.com/", "credentials_in_url"],
  ["http://%31%32%37.0.0.1/", "not_a_url"],
  ["http://example%00.com/", "not_a_url"],
  ["http://[fe80::1%25eth0]/", "not_a_url"],
  ["http://[fe80::1%eth0]/", "not_a_url"],
  ["http://[::1/", "not_a_url"],
  ["http://::1/", "not_a_url"],
  ["http://a..b/", "not_a_url"],
  ["http://.a/", "not_a_url"],
  ["http://./", "not_a_url"],
  ["http://127.0.0.1../", "not_a_url"],
  ["http://256.0.0.1/", "not_a_url"],
  ["http://1.2.3.4.5/", "not_a_url"],
  ["http://09.1.1.1/", "not_a_url"],
  ["http://4294967296/", "not_a_url"],
  ["http://example.com:65536/", "not_a_url"],
  ["http://example.com:http/", "not_a_url"],
  ["http://a<b/", "not_a_url"],

  ["http://user@example.com/", "credentials_in_url"],
  ["http://user:pass@example.com/", "credentials_in_url"],
  ["http://:pass@example.com/", "credentials_in_url"],
  ["http://@example.com/", "credentials_in_url"],
  ["http://example.com@127.0.0.1/", "credentials_in_url"],
  ["http://пользователь@example.com/", "credentials_in_url"],

  ["http://münchen.example/", "host_not_ascii"],
  ["http://１２７.0.0.1/", "host_not_ascii"],
  ["http://127。0。0。1/", "host_not_ascii"],
  ["http://ⓛocalhost/", "host_not_ascii"],
  ["http://local\u00adhost/", "host_not_ascii"],
  ["http://local\u200bhost/", "host_not_ascii"],
  ["http://example.com\u00a0/", "host_not_ascii"],
  ["http://example.com：80/", "host_not_ascii"],
  ["http://example.com／path", "host_not_ascii"],
  ["http://еxample.com/", "host_not_ascii"],

  ["http://example.com:0/", "port_not_allowed"],
  ["http://example.com:22/", "port_not_allowed"],
  ["http://example.com:1023/", "port_not_allowed"],
  ["http://example.com:6000/", "port_not_allowed"],
  ["https://example.com:0025/", "port_not_allowed"],
  ["http://localhost:25/", "port_not_allowed"],
  ["http://example.com:443/", null],
  ["http://example.com:00080/", null],
  ["https://example.com:80/", null],
  ["http://example.com:1024/", null],
  ["http://example.com:65535/", null],

  ["http://localhost/", "address_loopback"],
  ["http://LOCALHOST/", "address_loopback"],
  ["http://localhost./", "address_loopback"],
  ["https://app.localhost:8443/", "address_loopback"],
  ["http://127.0.0.1/", "address_loopback"],
  ["http://127.0.0.1./", "address_loopback"],
  ["http://127.1/", "address_loopback"],
  ["http://2130706433/", "address_loopback"],
  ["http://0x7f000001/", "address_loopback"],
  ["http://0x7f.0.0.0x1/", "address_loopback"],
  ["http://0X7F.1/", "address_loopback"],
  ["http://017700000001/", "address_loopback"],
  ["http://0177.0.0.01/", "address_loopback"],
  ["http://[::1]/", "address_loopback"],
  ["http://[0:0:0:0:0:0:0:1]/", "address_loopback"],
  ["http://[::ffff:127.0.0.1]/", "address_loopback"],
  ["http://[::ffff:7f00:1]/", "address_loopback"],
  ["http://0/", "address_reserved"],
  ["http://0.0.0.0/", "address_reserved"],
  ["http://[::]/", "address_reserved"],
  ["http://[::127.0.0.1]/", "address_reserved"],
  ["http://[64:ff9b::7f00:1]/", "address_reserved"],
  ["http://[64:ff9b::8.8.8.8]/", "address_reserved"],
  ["http://[2002:7f00:1::]/", "address_reserved"],
  ["http://255.255.255.255/", "address_reserved"],
  ["http://10.0.0.1/", "address_private"],
  ["http://10.1/", "address_private"],
  ["http://0300.0250.1.1/", "address_private"],
  ["http://[fd12:3456::1]/", "address_private"],
  ["http://169.254.1.1/", "address_link_local"],
  ["http://[fe80::1]/", "address_link_local"],
  ["http://224.0.0.1/", "address_multicast"],
  ["http://[ff02::1]/", "address_multicast"],
  ["http://169.254.169.254/latest/meta-data/", "address_metadata"],
  ["http://2852039166/", "address_metadata"],
  ["http://[::ffff:a9fe:a9fe]/", "address_metadata"],
  ["http://[fd00:ec2::254]/", "address_metadata"],
  ["http://metadata/", "address_metadata"],
  ["http://metadata.google.internal/computeMetadata/v1/", "address_metadata"],
  ["http://METADATA.google.internal./", "address_metadata"],
  ["http://metadata.goog/", "address_metadata"],
];

describe("UrlRules", () => {
  const rules = made();
  const codeFor = (host: string) => rules.objection(`http://${host}/`)?.code ?? null;

  for (const [url, code] of CASES) {
    it(`${code === null ? "have nothing against" : `answer ${code} to`} ${JSON.stringify(url)}`, () => {
      expect(rules.objection(url)?.code ?? null).to.equal(code);
    });
  }

  it("tell in words which host or port it is, and of credentials nothing", () => {
    const message = (url: string) => rules.objection(url)?.message;

    expect(message("http://127.1/")).to.equal("127.0.0.1 is the machine itself");
    expect(message("http://[fe80::1]/")).to.equal("[fe80::1] is on the local link");
    expect(message("http://example.com:22/")).to.equal("Port 22 may not be called");
    expect(message("http://user:hunter2@example.com/")).not.to.contain("hunter2");
  });

  it("allow what the operator allows, by address or by name", () => {
    const some = made(["127.0.0.0/8", "metadata.google.internal", "10.0.0.1"], "80,9000");
    const codes = (...urls: string[]) => urls.map((url) => some.objection(url)?.code ?? null);

    expect(codes("http://127.0.0.1/", "http://0x7f.1/", "http://localhost/", "http://a.localhost:9000/")).to.deep.equal(
      Array(4).fill(null),
    );
    expect(codes("http://metadata.google.internal./", "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/")).to.deep.equal(
      Array(3).fill(null),
    );
    expect(codes("http://metadata/", "http://10.0.0.2/", "https://10.0.0.1/", "http://[::1]/")).to.deep.equal([
      "address_metadata",
      "address_private",
      "port_not_allowed",
      "address_loopback",
    ]);
  });

  it("refuse each address on the inside in all of its spellings", () => {
    fc.assert(
      fc.property(addressInside, (number) => {
        const rule = rules.hostRule(dotted(number));
        expect(rule).not.to.be.null;
        expect([...spellings(number), ...mapped(number)].filter((host) => codeFor(host) !== rule)).to.be.empty;
        expect(carried(number).filter((host) => codeFor(host) === null)).to.be.empty;
      }),
      { numRuns: 500 },
    );
  });

  it("have nothing against any spelling of an address outside, but for those that a translator would have to carry", () => {
    const outside = fc.integer({ min: 0x01000000, max: 0x09ffffff });
    fc.assert(
      fc.property(outside, (number) => {
        expect([...spellings(number), ...mapped(number)].filter((host) => codeFor(host) !== null)).to.be.empty;
        expect(carried(number).filter((host) => codeFor(host) !== "address_reserved")).to.be.empty;
      }),
    );
  });

  it("never throw, and let through only what the parser reads as the text says", () => {
    const piece = fc.constantFrom(
      "http://",
      "https:",
      "//",
      "@",
      ":",
      "127.1",
      "example.com",
      "%2e",
      "。",
      "[::1]",
      "\\",
      "0",
    );
    const character = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));
    const text = fc.array(fc.oneof(piece, character), { maxLength: 6 });
    fc.assert(
      fc.property(text, (pieces) => {
        const url = pieces.join("");
        if (rules.objection(url) !== null) return;
        const { username, password, hostname } = new URL(url);
        expect([username, password]).to.deep.equal(["", ""]);
        expect(isIPv4(hostname) || url.toLowerCase().includes(`//${hostname}`) || hostname.startsWith("[")).to.be.true;
      }),
      { numRuns: 1_000 },
    );
  });
});

const RANGES: readonly (readonly [first: number, bits: number])[] = (
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 " +
  "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"
)
  .split(" ")
  .map((range) => {
    const [address = "", bits = ""] = range.split("/");
    return [address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), Number(bits)] as const;
  });

const addressInside = fc
  .constantFrom(...RANGES)
  .chain(([first, bits]) => fc.integer({ min: 0, max: 2 ** (32 - bits) - 1 }).map((offset) => first + offset));

function bytes(number: number): readonly [number, number, number, number] {
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
}

function dotted(number: number): string {
  return bytes(number).join(".");
}

function spellings(number: number): string[] {
  const parts = bytes(number);
  const hex = parts.map((part) => `0x${part.toString(16)}`);
  const octal = parts.map((part) => `0${part.toString(8)}`);
  const last = number & 0xffffff;
  return [
    ...[dotted(number), `${dotted(number)}.`, String(number), `0x${number.toString(16)}`, `0${number.toString(8)}`],
    ...[
      hex.join("."),
      hex.join(".").toUpperCase(),
      octal.join("."),
      `${parts[0]}.${last}`,
      `${hex[0]}.0${last.toString(8)}`,
    ],
    ...[`${parts[0]}.${octal[1]}.${number & 0xffff}`, `0x000000${number.toString(16)}`],
  ];
}

function words(number: number): string {
  return `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
}

function mapped(number: number): string[] {
  return [`[::ffff:${dotted(number)}]`, `[::FFFF:${words(number)}]`, `[0:0:0:0:0:ffff:${words(number)}]`];
}

/** NAT64, IPv4-compatible (`::1` is that, too), SIIT and 6to4. */
function carried(number: number): string[] {
  return [
    ...[`[64:ff9b::${dotted(number)}]`, `[64:ff9b::${words(number)}]`, `[64:ff9b:1::${dotted(number)}]`],
    ...[`[::${dotted(number)}]`, `[::ffff:0:${dotted(number)}]`, `[2002:${words(number)}::1]`],
  ];
}
