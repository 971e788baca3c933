import { inspect } from "node:util";
import { InvalidInput, Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { JwtAuthenticator, type JwtOptions, type JwtRules, type KeyOptions } from "../../src/index.js";
import { KeySource } from "./support/key-source.js";
import {
  AUDIENCE,
  bearer,
  claims,
  ISSUER,
  jwk,
  KEYS_URL,
  NOW,
  pairs,
  SECONDS,
  SECRET,
  token,
  tokenOf,
} from "./support/tokens.js";

const { rsa, p256, p384, ed25519 } = pairs;

function setup(changes: { keys?: KeyOptions } & Partial<JwtRules> = {}) {
  const source = new KeySource([
    jwk(rsa.publicKey, "rsa"),
    jwk(p256.publicKey, "p256"),
    jwk(p384.publicKey, "p384", { use: "sig" }),
    jwk(ed25519.publicKey, "ed25519", { alg: "EdDSA" }),
  ]);
  const options: JwtOptions = {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { kind: "jwks", url: KEYS_URL },
    clock: new MemoryClock(NOW),
    fetch: source.fetch,
    ...changes,
  };
  return { source, authenticator: new JwtAuthenticator(options) };
}
const withSecret = (rules: Partial<JwtRules> = {}) => setup({ keys: { kind: "secret", secret: SECRET }, ...rules });
const ada = { subject: "ada", tenant: "acme", role: "user" };

describe("JwtAuthenticator", () => {
  const signers = [
    ...["RS256", "RS384", "RS512", "PS256"].map((alg) => ({ alg, kid: "rsa", key: rsa.privateKey })),
    { alg: "ES256", kid: "p256", key: p256.privateKey },
    { alg: "ES384", kid: "p384", key: p384.privateKey },
    { alg: "EdDSA", kid: "ed25519", key: ed25519.privateKey },
  ];
  for (const signer of signers) {
    it(`trusts ${signer.alg} with a key of the issuer`, async () => {
      const { authenticator, source } = setup();

      expect(await authenticator.authenticate(bearer(signer))).to.deep.equal(ada);

      expect(source.asked).to.deep.equal([KEYS_URL]);
    });
  }

  it("trusts HS256 with the secret, and asks nobody for it", async () => {
    const { authenticator, source } = withSecret();

    expect(await authenticator.authenticate(bearer({ alg: "HS256", key: SECRET }))).to.deep.equal(ada);

    expect(source.asked).to.be.empty;
  });

  it("trusts no algorithm that is not among those chosen", async () => {
    const { authenticator } = setup({ keys: { kind: "jwks", url: KEYS_URL, algorithms: ["ES256"] } });

    await authenticator.authenticate(bearer({ alg: "ES256", kid: "p256", key: p256.privateKey }));

    const error: unknown = await authenticator.authenticate(bearer()).catch((thrown: unknown) => thrown);
    expect(error).to.have.property("name", "Unauthenticated");
  });

  const header = (more: object) => ({ header: { alg: "RS256", kid: "rsa", ...more } });
  const payload = (changes: object) => ({ payload: claims(changes) });
  const as = (changes: object) => ({ ...ada, ...changes });
  const good: readonly [string, string, object][] = [
    ["no type", bearer(header({})), ada],
    ["the type jwt in small letters", bearer(header({ typ: "jwt" })), ada],
    ["the type of access tokens", bearer(header({ typ: "AT+JWT" })), ada],
    ["a scheme in small letters", `bearer ${token()}`, ada],
    ["a scheme in capitals", `BEARER ${token()}`, ada],
    ["an audience among others", bearer(payload({ aud: ["other", AUDIENCE] })), ada],
    ["a role as text", bearer(payload({ roles: "service" })), as({ role: "service" })],
    [
      "many roles, of which the strongest counts",
      bearer(payload({ roles: ["user", "x", "admin"] })),
      as({ role: "admin" }),
    ],
    ["service before user", bearer(payload({ roles: ["user", "service"] })), as({ role: "service" })],
    ["an end less than a minute ago", bearer(payload({ exp: SECONDS - 59 })), ada],
    ["a beginning in a minute", bearer(payload({ nbf: SECONDS + 60 })), ada],
    [
      "a tenant of 64 characters",
      bearer(payload({ tenant: "a.B_9-".padEnd(64, "x") })),
      as({ tenant: "a.B_9-".padEnd(64, "x") }),
    ],
    ["a subject of 255 characters", bearer(payload({ sub: "s".repeat(255) })), as({ subject: "s".repeat(255) })],
    ["a subject in another script", bearer(payload({ sub: "auth0|Zoë 王" })), as({ subject: "auth0|Zoë 王" })],
    [
      "a name again, but in another object",
      bearer(payload({ a: { sub: 1 }, b: [{ sub: '"sub":' }, { sub: 2 }] })),
      ada,
    ],
    ["8 KiB", `Bearer ${tokenOf(8192)}`, ada],
    [
      "places to find keys, which are not looked at",
      bearer(header({ jku: "https://evil.example/", x5u: "https://evil.example/" })),
      ada,
    ],
  ];
  for (const [name, authorization, principal] of good) {
    it(`takes a token with ${name}`, async () => {
      const { authenticator, source } = setup();

      expect(await authenticator.authenticate(authorization)).to.deep.equal(principal);

      expect(source.asked).to.deep.equal([KEYS_URL]);
    });
  }

  it("finds tenant and roles in the claims that it is told", async () => {
    const { authenticator } = setup({ tenantClaim: "custom:tenant", rolesClaim: "https://acme.example/roles" });
    const own = payload({ "custom:tenant": "initech", "https://acme.example/roles": "admin" });

    expect(await authenticator.authenticate(bearer(own))).to.deep.equal(as({ tenant: "initech", role: "admin" }));
  });

  it("takes the default tenant where a token names none, and not where it names a wrong one", async () => {
    const { authenticator } = setup({ defaultTenant: "main" });

    expect(await authenticator.authenticate(bearer(payload({ tenant: undefined })))).to.deep.equal(
      as({ tenant: "main" }),
    );
    for (const tenant of [null, "", 7]) {
      const error: unknown = await authenticator
        .authenticate(bearer(payload({ tenant })))
        .catch((thrown: unknown) => thrown);
      expect(error).to.have.property("name", "Unauthenticated");
    }
  });

  it("is unavailable, not unauthenticated, where there are no keys to be had", async () => {
    const { authenticator, source } = setup();
    source.goAway();

    const error: unknown = await authenticator.authenticate(bearer()).catch((thrown: unknown) => thrown);

    expect(error).to.be.instanceOf(Unavailable);
    expect((error as Error).cause).to.have.property("message", "away");
  });

  it("asks nobody for the keys of what has not even the form of a token that it may trust", async () => {
    const { authenticator, source } = setup();
    const hopeless = [
      undefined,
      "Basic YTpi",
      bearer({ alg: "HS256", key: "x" }),
      bearer({ header: { alg: "RS256" } }),
      bearer(header({ crit: ["x"], x: 1 })),
      bearer(header({ typ: "logout+jwt" })),
    ];

    for (const authorization of hopeless) await authenticator.authenticate(authorization).catch(() => null);

    expect(source.asked).to.be.empty;
  });

  describe("refuses to be made", () => {
    const keys = (options: object) => ({ keys: { kind: "jwks", url: KEYS_URL, ...options } as KeyOptions });
    const wrong: readonly [string, Parameters<typeof setup>[0], string][] = [
      ["with a secret of 31 bytes", { keys: { kind: "secret", secret: "x".repeat(31) } }, "/keys/secret"],
      ["with no secret", { keys: { kind: "secret", secret: "" } }, "/keys/secret"],
      ["with a symmetric algorithm", keys({ algorithms: ["RS256", "HS256"] }), "/keys/algorithms"],
      ["with the algorithm none", keys({ algorithms: ["none"] }), "/keys/algorithms"],
      ["without any algorithm", keys({ algorithms: [] }), "/keys/algorithms"],
      ["with keys from http elsewhere", keys({ url: "http://issuer.example/jwks" }), "/keys/url"],
      ["with keys from a file", keys({ url: "file:///etc/passwd" }), "/keys/url"],
      ["with keys from a URL with a password", keys({ url: "https://a:b@issuer.example/" }), "/keys/url"],
      ["with keys from no URL", keys({ url: "issuer" }), "/keys/url"],
      ["without an issuer", { issuer: "" }, "/issuer"],
      ["with an issuer left out", { issuer: undefined as unknown as string }, "/issuer"],
      ["without an audience", { audience: "" }, "/audience"],
      ["with a claim without a name", { tenantClaim: "" }, "/tenantClaim"],
      ["with a default tenant that is none", { defaultTenant: "a/b" }, "/defaultTenant"],
    ];
    for (const [name, options, pointer] of wrong) {
      it(name, () => {
        expect(() => setup(options))
          .to.throw(InvalidInput)
          .with.nested.property("problems[0].pointer", pointer);
      });
    }
  });

  it("counts a secret in bytes", async () => {
    const secret = "é".repeat(16);
    const { authenticator } = setup({ keys: { kind: "secret", secret } });

    expect(await authenticator.authenticate(bearer({ alg: "HS256", key: secret }))).to.deep.equal(ada);
  });

  it("does not print its secret", () => {
    const { authenticator } = withSecret();

    expect(inspect(authenticator, { depth: 9, showHidden: true }) + JSON.stringify(authenticator)).not.to.contain(
      SECRET,
    );
  });
});
