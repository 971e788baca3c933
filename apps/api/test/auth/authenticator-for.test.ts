import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { authenticatorFor, JwtAuthenticator, LocalAuthenticator, OpenToOthers } from "../../src/index.js";
import { KeySource } from "./support/key-source.js";
import { AUDIENCE, bearer, ISSUER, jwk, KEYS_URL, NOW, pairs, SECRET } from "./support/tokens.js";

const source = new KeySource([jwk(pairs.rsa.publicKey, "rsa")]);
const deps = { clock: new MemoryClock(NOW), fetch: source.fetch };
const rules = { issuer: ISSUER, audience: AUDIENCE };

describe("authenticatorFor", () => {
  const loopback = [
    ...["127.0.0.1", "127.0.0.2", "127.255.255.255", "localhost", "LOCALHOST", "::1", "0:0:0:0:0:0:0:1", "0000::0001"],
    ...["::ffff:127.0.0.1", "::FFFF:127.8.9.10", "::ffff:7f00:1", "0:0:0:0:0:ffff:7fff:ffff", "0::ffff:127.0.0.1"],
  ];
  for (const host of loopback) {
    it(`leaves authentication off on ${host}`, async () => {
      const authenticator = authenticatorFor({ kind: "off" }, host, deps);

      expect(authenticator).to.be.instanceOf(LocalAuthenticator);
      const everybody = { subject: "local", tenant: "main", role: "admin" };
      expect(await authenticator.authenticate(undefined)).to.deep.equal(everybody);
      expect(await authenticator.authenticate("Bearer x")).to.deep.equal(everybody);
    });
  }

  const open = [
    ...[
      undefined,
      "",
      "0.0.0.0",
      "::",
      "0:0:0:0:0:0:0:0",
      "::0",
      "::ffff:0.0.0.0",
      "*",
      " ",
      "0",
      "10.0.0.1",
      "192.168.0.1",
    ],
    ...[
      "126.255.255.255",
      "128.0.0.1",
      "169.254.169.254",
      "8.8.8.8",
      "::2",
      "fe80::1",
      "::ffff:10.0.0.1",
      "::ffff:808:808",
    ],
    ...["::127.0.0.1", "64:ff9b::127.0.0.1", "::ffff:0:127.0.0.1", "127.1", "127.0.0.01", "0x7f000001", "2130706433"],
    ...[
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "localhost.",
      "notlocalhost",
      "127.0.0.1 ",
      "127.0.0.1:80",
      "[::1]",
    ],
    ...["127.0.0.1\0", "my-laptop", "host.docker.internal"],
  ];
  for (const host of open) {
    it(`refuses to leave it off on ${host === undefined ? "no host" : JSON.stringify(host)}`, () => {
      expect(() => authenticatorFor({ kind: "off" }, host, deps))
        .to.throw(OpenToOthers)
        .with.property("host", host);
    });
  }

  it("says why in one sentence", () => {
    expect(() => authenticatorFor({ kind: "off" }, "0.0.0.0", deps)).to.throw(
      "With authentication off the API listens on loopback only (127.0.0.1, ::1 or localhost), not on 0.0.0.0",
    );
    expect(() => authenticatorFor({ kind: "off" }, undefined, deps)).to.throw("not on every address");
  });

  it("takes a shared secret on any host", async () => {
    const authenticator = authenticatorFor({ kind: "secret", secret: SECRET, ...rules }, "0.0.0.0", deps);

    expect(authenticator).to.be.instanceOf(JwtAuthenticator);
    expect(await authenticator.authenticate(bearer({ alg: "HS256", key: SECRET }))).to.have.property("subject", "ada");
  });

  it("takes the keys of an issuer on any host", async () => {
    const config = { kind: "jwks", url: KEYS_URL, algorithms: ["RS256"], ...rules } as const;
    const authenticator = authenticatorFor(config, undefined, deps);

    expect(await authenticator.authenticate(bearer())).to.have.property("subject", "ada");
    expect(source.asked).to.deep.equal([KEYS_URL]);
  });
});
