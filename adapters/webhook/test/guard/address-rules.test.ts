import { InvalidInput, type UrlRule } from "@punctual/core";
import { expect } from "chai";
import { AddressRules } from "../../src/guard/address-rules.js";

/** Short for the rules, in the tables below. */
const CODES = {
  public: null,
  loopback: "address_loopback",
  private: "address_private",
  "link-local": "address_link_local",
  metadata: "address_metadata",
  multicast: "address_multicast",
  reserved: "address_reserved",
} satisfies Record<string, UrlRule | null>;

/** Each range with its first and last address, and its neighbours on either side. */
const IPV4: readonly (readonly [string, keyof typeof CODES])[] = [
  ["0.0.0.0", "reserved"],
  ["0.0.0.1", "reserved"],
  ["0.255.255.255", "reserved"],
  ["1.0.0.0", "public"],
  ["8.8.8.8", "public"],
  ["9.255.255.255", "public"],
  ["10.0.0.0", "private"],
  ["10.255.255.255", "private"],
  ["11.0.0.0", "public"],
  ["100.63.255.255", "public"],
  ["100.64.0.0", "private"],
  ["100.100.100.199", "private"],
  ["100.100.100.200", "metadata"],
  ["100.100.100.201", "private"],
  ["100.127.255.255", "private"],
  ["100.128.0.0", "public"],
  ["126.255.255.255", "public"],
  ["127.0.0.0", "loopback"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.255", "loopback"],
  ["128.0.0.0", "public"],
  ["168.63.129.15", "public"],
  ["168.63.129.16", "metadata"],
  ["168.63.129.17", "public"],
  ["169.253.255.255", "public"],
  ["169.254.0.0", "link-local"],
  ["169.254.169.253", "link-local"],
  ["169.254.169.254", "metadata"],
  ["169.254.169.255", "link-local"],
  ["169.254.170.2", "link-local"],
  ["169.254.255.255", "link-local"],
  ["169.255.0.0", "public"],
  ["172.15.255.255", "public"],
  ["172.16.0.0", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.0", "public"],
  ["191.255.255.255", "public"],
  ["192.0.0.0", "reserved"],
  ["192.0.0.191", "reserved"],
  ["192.0.0.192", "metadata"],
  ["192.0.0.255", "reserved"],
  ["192.0.1.0", "public"],
  ["192.0.1.255", "public"],
  ["192.0.2.0", "reserved"],
  ["192.0.2.255", "reserved"],
  ["192.0.3.0", "public"],
  ["192.88.98.255", "public"],
  ["192.88.99.0", "reserved"],
  ["192.88.99.255", "reserved"],
  ["192.88.100.0", "public"],
  ["192.167.255.255", "public"],
  ["192.168.0.0", "private"],
  ["192.168.255.255", "private"],
  ["192.169.0.0", "public"],
  ["198.17.255.255", "public"],
  ["198.18.0.0", "reserved"],
  ["198.19.255.255", "reserved"],
  ["198.20.0.0", "public"],
  ["198.51.99.255", "public"],
  ["198.51.100.0", "reserved"],
  ["198.51.100.255", "reserved"],
  ["198.51.101.0", "public"],
  ["203.0.112.255", "public"],
  ["203.0.113.0", "reserved"],
  ["203.0.113.255", "reserved"],
  ["203.0.114.0", "public"],
  ["223.255.255.255", "public"],
  ["224.0.0.0", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.0", "reserved"],
  ["255.255.255.254", "reserved"],
  ["255.255.255.255", "reserved"],
];

const IPV6: typeof IPV4 = [
  ["::", "reserved"],
  ["::1", "loopback"],
  ["0:0:0:0:0:0:0:1", "loopback"],
  ["::2", "reserved"],
  // IPv4-compatible: inside or outside, no network has routed it for decades.
  ["::127.0.0.1", "reserved"],
  ["::8.8.8.8", "reserved"],
  ["::ffff:ffff", "reserved"],
  ["::fffe:ffff:ffff", "reserved"],
  ["::1:0:0:0", "reserved"],
  // SIIT.
  ["::ffff:0:0:0", "reserved"],
  ["::ffff:0:127.0.0.1", "reserved"],
  ["::ffff:0:8.8.8.8", "reserved"],
  ["::ffff:0:ffff:ffff", "reserved"],
  // NAT64, both prefixes, and their neighbours.
  ["64:ff9b::", "reserved"],
  ["64:ff9b::127.0.0.1", "reserved"],
  ["64:ff9b::8.8.8.8", "reserved"],
  ["64:ff9b::ffff:ffff", "reserved"],
  ["64:ff9b::1:0:0", "reserved"],
  ["64:ff9b:1::", "reserved"],
  ["64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["64:ff9b:2::", "reserved"],
  ["100::", "reserved"],
  ["100::ffff:ffff:ffff:ffff", "reserved"],
  ["100:0:0:1::", "reserved"],
  ["1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["2000::", "public"],
  ["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
  ["2001::", "reserved"],
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved"],
  ["2001:20::1", "reserved"],
  ["2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["2001:200::", "public"],
  ["2001:4860:4860::8888", "public"],
  ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
  ["2001:db8::", "reserved"],
  ["2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["2001:db9::", "public"],
  ["2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
  ["2002::", "reserved"],
  ["2002:7f00:1::", "reserved"],
  ["2002:808:808::1", "reserved"],
  ["2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["2003::", "public"],
  ["2606:4700:4700::1111", "public"],
  ["2a00:1450:4001:80b::200e", "public"],
  ["3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
  ["3fff::", "reserved"],
  ["3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["3fff:1000::", "public"],
  ["3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
  ["4000::", "reserved"],
  ["5f00::", "reserved"],
  ["5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["fc00::", "private"],
  ["fd00:ec2::23", "private"],
  ["fd00:ec2::253", "private"],
  ["fd00:ec2::254", "metadata"],
  ["FD00:0EC2:0:0:0:0:0:0254", "metadata"],
  ["fd00:ec2::255", "private"],
  ["fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private"],
  ["fe00::", "reserved"],
  ["fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"],
  ["fe80::", "link-local"],
  ["fe80::1%eth0", "link-local"],
  ["fe80::1%1", "link-local"],
  ["febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local"],
  ["fec0::", "private"],
  ["feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private"],
  ["ff00::", "multicast"],
  ["ff02::1%eth0", "multicast"],
  ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"],
  ["::1%lo", "loopback"],
  ["::ffff:127.0.0.1%lo", "loopback"],
];

/** No address at all is not to be dialled either. */
const NEITHER = [
  "",
  "localhost",
  "127.1",
  "0x7f000001",
  "2130706433",
  "[::1]",
  "1.2.3.4.5",
  "10.0.0.1/8",
  "8.8.8.8 ",

  "::ffff:8.8.8",
];

describe("AddressRules", () => {
  const rules = new AddressRules();

  for (const [address, code] of [...IPV4, ...IPV6]) {
    it(`takes ${address} for ${code}`, () => {
      expect(rules.objection(address)).to.equal(CODES[code]);
    });
  }

  it("judges a mapped address, however it is written, by the IPv4 address in it", () => {
    for (const [address, code] of IPV4) {
      const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
      const words = [a * 256 + b, c * 256 + d].map((word) => word.toString(16)).join(":");
      for (const mapped of [`::ffff:${address}`, `::FFFF:${words}`, `0:0:0:0:0:ffff:${words}`]) {
        expect(rules.objection(mapped), mapped).to.equal(CODES[code]);
      }
    }
  });

  it("refuses what is no address", () => {
    for (const text of NEITHER) expect(rules.objection(text), text).to.equal("address_reserved");
  });

  describe("with a list of what is allowed", () => {
    const allowed = (list: string[], address: string) => new AddressRules(list).objection(address) === null;

    it("allows a range, mapped too, and nothing beside it", () => {
      expect(allowed(["10.1.0.0/16"], "10.1.0.0")).to.be.true;
      expect(allowed(["10.1.0.0/16"], "10.1.255.255")).to.be.true;
      expect(allowed(["10.1.0.0/16"], "::ffff:10.1.2.3")).to.be.true;
      expect(allowed(["10.1.0.0/16"], "10.0.255.255")).to.be.false;
      expect(allowed(["10.1.0.0/16"], "10.2.0.0")).to.be.false;
      expect(allowed(["10.1.0.0/16"], "64:ff9b::10.1.2.3")).to.be.false;
    });

    it("allows a single address", () => {
      expect(allowed(["127.0.0.1"], "127.0.0.1")).to.be.true;
      expect(allowed(["127.0.0.1"], "127.0.0.2")).to.be.false;
      expect(allowed(["127.0.0.1"], "::1")).to.be.false;
      expect(allowed(["::1/128"], "::1")).to.be.true;
      expect(allowed(["::1"], "0:0:0:0:0:0:0:1")).to.be.true;
      expect(allowed(["fe80::/10"], "fe80::1%eth0")).to.be.true;
    });

    it("keeps the families apart", () => {
      expect(allowed(["::/0"], "127.0.0.1")).to.be.false;
      expect(allowed(["::/0"], "::ffff:127.0.0.1")).to.be.false;
      expect(allowed(["0.0.0.0/0"], "::1")).to.be.false;
      expect(allowed(["64:ff9b::/96"], "64:ff9b::8.8.8.8")).to.be.true;
    });

    it("allows a host by its name, with or without the dot at its end, in whatever case", () => {
      const rules = new AddressRules(["receiver.internal", "Other_One.", "localhost"]);

      expect(["RECEIVER.internal", "receiver.internal.", "other_one", "localhost"].every((n) => rules.allowsHost(n))).to
        .be.true;
      expect(["internal", "a.receiver.internal", "receiver.internal.evil.test", ""].some((n) => rules.allowsHost(n))).to
        .be.false;
      expect(rules.objection("127.0.0.1")).to.equal("address_loopback");
    });

    it("names all entries that it cannot read", () => {
      const bad = [
        ...[
          "10.0.0.0/33",
          "::1/129",
          "10.0.0/8",
          "10.0.0.0/",
          "10.0.0.0/-1",
          "10.0.0.0/8/8",
          "300.1.1.1",
          "0x7f.1",
          "10.0x1",
        ],
        ...["", " ", "a b", "*.internal", "http://a.internal", "a.internal:80", "a..b", ".a", "münchen.test"],
        ...["fe80::1%eth0", "[::1]", "::ffff:127.0.0.1", "::ffff:0:0/96", "1.2.3.4.", "x".repeat(64)],
      ];

      const error = caught(() => new AddressRules(["10.0.0.0/8", ...bad]));

      expect(error).to.be.instanceOf(InvalidInput);
      const { problems } = error as InvalidInput;
      expect(problems.map(({ pointer }) => pointer)).to.deep.equal(bad.map((_, index) => `/allow/${index + 1}`));
      expect(problems.map(({ message }) => message.split(": ")[0])).to.deep.equal(bad);
    });
  });
});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}
