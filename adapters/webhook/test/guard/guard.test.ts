import type { UrlRule } from "@punctual/core";
import { expect } from "chai";
import fc from "fast-check";
import { AddressRules } from "../../src/guard/address-rules.js";
import { Refused } from "../../src/guard/errors.js";
import { Guard } from "../../src/guard/guard.js";
import { PortRules } from "../../src/guard/port-rules.js";
import { systemResolve } from "../../src/guard/resolve.js";
import { answering, failing, silent } from "../support/resolvers.js";

const setup = (...answers: string[][]) => {
  const { resolve, asked } = answering(...answers);
  return { guard: new Guard({ rules: new AddressRules(), resolve }), asked };
};

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => expect.fail("Nothing was thrown"),
    (error: unknown) => error,
  );
}

describe("Guard", () => {
  const ANSWERS: readonly (readonly [answer: string[], code: UrlRule | null])[] = [
    [["8.8.8.8"], null],
    [["8.8.8.8", "2606:4700:4700::1111"], null],
    [["127.0.0.1"], "address_loopback"],
    [["10.0.0.1", "127.0.0.1"], "address_private"],
    [["fe80::1%eth0", "10.0.0.1"], "address_link_local"],
    [["8.8.8.8", "127.0.0.1"], "addresses_mixed"],
    [["127.0.0.1", "8.8.8.8"], "addresses_mixed"],
    [["8.8.8.8", "2606:4700:4700::1111", "::1"], "addresses_mixed"],
    [["169.254.169.254"], "address_metadata"],
    [["64:ff9b::808:808"], "address_reserved"],
  ];
  for (const [answer, code] of ANSWERS) {
    it(`answers ${code} where a name stands for ${answer.join(" and ")}`, async () => {
      const { guard, asked } = setup(answer);

      expect((await guard.objection("https://receiver.test/hooks"))?.code ?? null).to.equal(code);
      expect(asked).to.deep.equal(["receiver.test"]);
    });
  }

  it("says why without naming an address behind the name", async () => {
    const { guard } = setup(["8.8.8.8", "10.1.2.3"], ["8.8.8.8", "10.1.2.3"]);
    const message = "receiver.test has addresses on the outside and on the inside";

    expect(await guard.objection("https://receiver.test/")).to.deep.equal({ code: "addresses_mixed", message });
    expect(await thrownBy(guard.addressesFor("receiver.test"))).to.include({ rule: "addresses_mixed", message });
  });

  it("looks nothing up where the text alone is enough", async () => {
    const { guard, asked } = setup(["8.8.8.8"]);
    const urls = [
      "ftp://a.test",
      "http://a@a.test",
      "http://a.test:22",
      "http://127.1",
      "http://8.8.8.8",
      "http://localhost",
    ];

    const codes = await Promise.all(urls.map(async (url) => (await guard.objection(url))?.code ?? null));

    expect(codes).to.deep.equal([
      ...["not_a_url", "credentials_in_url", "port_not_allowed", "address_loopback", null, "address_loopback"],
    ]);
    expect(asked).to.be.empty;
    expect(guard.textObjection("http://a.test")).to.be.null;
    expect(guard.textObjection("http://a.test:22")?.code).to.equal("port_not_allowed");
  });

  it("has nothing against a name that cannot be looked up, or not in time", async () => {
    const rules = new AddressRules();

    expect(await new Guard({ rules, resolve: failing("ENOTFOUND") }).objection("http://a.test")).to.be.null;
    expect(await new Guard({ rules, resolve: answering([]).resolve }).objection("http://a.test")).to.be.null;
    expect(await new Guard({ rules, resolve: silent, lookupTimeoutMs: 5 }).objection("http://a.test")).to.be.null;
  });

  it("gives all addresses to dial, and a literal one without asking", async () => {
    const { guard, asked } = setup(["8.8.8.8", "2606:4700:4700::1111"]);

    expect(await guard.addressesFor("receiver.test.")).to.deep.equal([
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700:4700::1111", family: 6 },
    ]);
    expect(await guard.addressesFor("8.8.8.8.")).to.deep.equal([{ address: "8.8.8.8", family: 4 }]);
    expect(await guard.addressesFor("2606::1")).to.deep.equal([{ address: "2606::1", family: 6 }]);
    expect(asked).to.deep.equal(["receiver.test."]);
  });

  it("refuses to dial what it objects to", async () => {
    const { guard } = setup(["127.0.0.1"]);

    for (const host of ["receiver.test", "localhost", "127.0.0.1", "::1", "::ffff:7f00:1", "LOCALHOST."]) {
      const error = await thrownBy(guard.addressesFor(host));
      expect(error, host).to.be.instanceOf(Refused);
      expect(error, host).to.include({ rule: "address_loopback" });
    }
  });

  it("throws what the look-up threw, and ENODATA where it found nothing", async () => {
    const rules = new AddressRules();
    const failed = new Guard({ rules, resolve: failing("EAI_AGAIN") });

    expect(await thrownBy(failed.addressesFor("a.test"))).to.include({ code: "EAI_AGAIN" });
    expect(await thrownBy(setup([]).guard.addressesFor("a.test"))).to.include({ code: "ENODATA" });
  });

  it("lets the operator's list through: an address beside public ones, or a name whatever it stands for", async () => {
    const answers = Array.from({ length: 4 }, () => ["8.8.8.8", "10.0.0.1"]);
    const { resolve } = answering(...answers);
    const byAddress = new Guard({ rules: new AddressRules(["10.0.0.0/8"]), resolve });
    const byName = new Guard({ rules: new AddressRules(["receiver.internal"]), resolve, ports: new PortRules("25") });

    expect(await byAddress.objection("http://receiver.internal")).to.be.null;
    expect(await byName.objection("http://receiver.internal:25")).to.be.null;
    expect(await byName.addressesFor("Receiver.Internal.")).to.have.length(2);
    expect((await byName.objection("http://other.internal:25"))?.code).to.equal("addresses_mixed");
    expect(byName.ruleAgainst("receiver.internal", "127.0.0.1")).to.be.null;
    expect(byName.ruleAgainst("other.internal", "127.0.0.1")).to.equal("address_loopback");
  });

  it("refuses when dialling just what it objected to before (W6)", async () => {
    const address = fc.constantFrom(
      "8.8.8.8",
      "1.1.1.1",
      "2606::1",
      "127.0.0.1",
      "10.0.0.1",
      "::1",
      "fe80::1%a",
      "::ffff:10.0.0.1",
    );
    const host = fc.constantFrom("receiver.test", "localhost", "127.0.0.1", "8.8.8.8", "metadata");
    await fc.assert(
      fc.asyncProperty(host, fc.array(address, { minLength: 1, maxLength: 4 }), async (host, answer) => {
        const { guard } = setup(answer, answer);
        const objection = await guard.objection(`http://${host}/`);
        const refused = await guard.addressesFor(host).then(
          () => null,
          (error: unknown) => (error as Refused).rule,
        );
        expect(refused).to.equal(objection?.code ?? null);
      }),
    );
  });
});

describe("systemResolve", () => {
  it("gives the addresses that the machine knows", async () => {
    expect((await systemResolve("localhost")).map(({ address }) => address)).to.satisfy(
      (found: string[]) => found.length > 0 && found.every((one) => one === "127.0.0.1" || one === "::1"),
    );
  });
});
