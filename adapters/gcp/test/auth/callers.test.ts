import { failureOf, NOON } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { inspect } from "node:util";
import { CallerRefused, type WhyRefused } from "../../src/auth/caller-refused.js";
import { callersOf } from "../../src/auth/callers.js";
import { claimsOf, startIssuer } from "../support/google-issuer.js";

const AUDIENCE = "https://worker.example.test/push";
const EMAIL = "invoker@example-project.iam.gserviceaccount.com";
const NOW = NOON.getTime() / 1_000;
const MINUTE = 60_000;

describe("callersOf", () => {
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let clock: MemoryClock;
  let callers: ReturnType<typeof callersOf>;

  before(async () => void (issuer = await startIssuer()));
  after(() => issuer.stop());
  beforeEach(() => {
    Object.assign(issuer.state, { asked: 0, away: false });
    clock = new MemoryClock(NOON);
    callers = open();
  });

  const open = (options: Partial<Parameters<typeof callersOf>[0]> = {}) =>
    callersOf({ audience: AUDIENCE, emails: [EMAIL], clock, jwksUrl: issuer.jwksUrl, ...options });
  const good = (of: JWTPayload = {}) => ({ ...claimsOf(AUDIENCE, EMAIL, NOON), ...of });
  const bearer = async (claims: JWTPayload = good()) => `Bearer ${await issuer.sign(claims)}`;
  const refused = async (authorization: string | undefined, by = callers) => {
    const failure = await failureOf(by(authorization));
    expect(failure).to.be.instanceOf(CallerRefused);
    return failure as CallerRefused;
  };

  it("knows who calls by a token of Google", async () => {
    expect(await callers(await bearer())).to.deep.equal({ email: EMAIL });
    expect(await callers(await bearer(good({ iss: "accounts.google.com" })))).to.deep.equal({ email: EMAIL });
    expect(await callers((await bearer()).replace("Bearer", "bearer"))).to.deep.equal({ email: EMAIL });
  });

  it("knows each of several accounts", async () => {
    const both = open({ emails: ["other@example.test", EMAIL] });
    expect(await both(await bearer(good({ email: "other@example.test" })))).to.deep.equal({
      email: "other@example.test",
    });
  });

  it("takes clocks that are a little apart", async () => {
    for (const seconds of [-3_620, 20]) {
      const claims = claimsOf(AUDIENCE, EMAIL, new Date(NOON.getTime() + seconds * 1_000));
      expect(await callers(await bearer(claims))).to.deep.equal({ email: EMAIL });
    }
  });

  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const noSignature = (header: object, claims: JWTPayload = good()) => `${part(header)}.${part(claims)}.`;
  const stranger = async (kid: string) =>
    new SignJWT(good())
      .setProtectedHeader({ alg: "RS256", kid })
      .sign((await generateKeyPair("RS256", { modulusLength: 2_048 })).privateKey);
  const byPublicKey = async () =>
    new SignJWT(good())
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .sign(Buffer.from(JSON.stringify(issuer.publicKey())));
  const byCurve = async () =>
    new SignJWT(good())
      .setProtectedHeader({ alg: "ES256", kid: "key-1" })
      .sign((await generateKeyPair("ES256")).privateKey);
  const withItsOwnKey = async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256", { modulusLength: 2_048, extractable: true });
    return new SignJWT(good())
      .setProtectedHeader({ alg: "RS256", kid: "mine", jwk: await exportJWK(publicKey) })
      .sign(privateKey);
  };
  const without = (...names: readonly string[]): JWTPayload =>
    Object.fromEntries(Object.entries(good()).filter(([name]) => !names.includes(name)));
  const changed = async () => {
    const [header, , signature] = (await issuer.sign(good({ email: "another@example.test" }))).split(".");
    return [header, part(good()), signature].join(".");
  };

  const wrong: readonly (readonly [string, WhyRefused, () => string | undefined | Promise<string>])[] = [
    ["nothing", "no_token", () => undefined],
    ["an empty header", "no_token", () => ""],
    ["another scheme", "malformed", async () => `Basic ${await issuer.sign(good())}`],
    ["a token without its scheme", "malformed", async () => issuer.sign(good())],
    ["a scheme without a token", "malformed", () => "Bearer "],
    ["two tokens", "malformed", async () => `${await bearer()} ${await issuer.sign(good())}`],
    ["something behind the token", "malformed", async () => `${await bearer()}, x`],
    ["two parts", "malformed", async () => (await bearer()).split(".").slice(0, 2).join(".")],
    ["four parts", "malformed", async () => `${await bearer()}.x`],
    ["noise", "malformed", () => "Bearer aaaa.bbbb.cccc"],
    ["a header that is no object", "malformed", () => `Bearer ${part([])}.${part(good())}.x`],
    ["claims that are no object", "malformed", async () => `Bearer ${await issuer.sign([good()])}`],
    ["far too much", "malformed", async () => `${await bearer()}${"x".repeat(9_000)}`],
    ["no signature", "algorithm", () => `Bearer ${noSignature({ alg: "none" })}`],
    ["no signature, in odd letters", "algorithm", () => `Bearer ${noSignature({ alg: "nOnE" })}`],
    ["a secret that is the public key", "algorithm", async () => `Bearer ${await byPublicKey()}`],
    ["a curve", "algorithm", async () => `Bearer ${await byCurve()}`],
    [
      "RS256 with no signature",
      "signature",
      () => `Bearer ${noSignature({ alg: "RS256", kid: issuer.publicKey().kid })}`,
    ],
    ["an unknown key", "signature", async () => `Bearer ${await stranger("unknown")}`],
    ["another key of the same name", "signature", async () => `Bearer ${await stranger(issuer.publicKey().kid)}`],
    ["a key that it brings along", "signature", async () => `Bearer ${await withItsOwnKey()}`],
    ["changed claims", "signature", async () => `Bearer ${await changed()}`],
    [
      "an extension that must be known",
      "malformed",
      async () => `Bearer ${noSignature({ alg: "RS256", crit: ["x"], x: 1 })}`,
    ],
    ["a removed signature", "signature_removed", async () => removed(await bearer())],
    ["a token that has expired", "expired", async () => bearer(good({ exp: NOW - 31 }))],
    ["a token of tomorrow", "expired", async () => bearer(good({ iat: NOW + 3_600, exp: NOW + 7_200 }))],
    ["a token that is not yet good", "expired", async () => bearer(good({ nbf: NOW + 31 }))],
    ["a token that is good for years", "expired", async () => bearer(good({ iat: NOW - 90_000, exp: NOW + 1e8 }))],
    ["a token for ever", "claims", async () => bearer(without("exp"))],
    ["a token of no time", "claims", async () => bearer(without("iat"))],
    ["a time that is text", "claims", async () => bearer(good({ exp: "never" as unknown as number }))],
    ["another issuer", "issuer", async () => bearer(good({ iss: "https://accounts.example.test" }))],
    ["the issuer in other letters", "issuer", async () => bearer(good({ iss: "https://accounts.google.com/" }))],
    ["no issuer", "claims", async () => bearer(without("iss"))],
    ["another audience", "audience", async () => bearer(good({ aud: "https://other.example.test" }))],
    ["the beginning of the audience", "audience", async () => bearer(good({ aud: "https://worker.example.test" }))],
    ["no audience", "claims", async () => bearer(without("aud"))],
    ["no account", "claims", async () => bearer(without("email"))],
    ["an account that is no text", "claims", async () => bearer(good({ email: [EMAIL] }))],
    ["an address that is not verified", "not_verified", async () => bearer(good({ email_verified: false }))],
    ["an address that says nothing of it", "not_verified", async () => bearer(without("email_verified"))],
    ["an address that is verified in words", "not_verified", async () => bearer(good({ email_verified: "true" }))],
    ["another account", "account", async () => bearer(good({ email: `x${EMAIL}` }))],
    ["the account in other letters", "account", async () => bearer(good({ email: EMAIL.toUpperCase() }))],
  ];
  for (const [what, code, make] of wrong) {
    it(`refuses ${what}: ${code}`, async () => {
      const authorization = await make();
      const failure = await refused(authorization);
      expect(failure.code).to.equal(code);
      expect(failure.status).to.equal(code === "account" || code === "not_verified" ? 403 : 401);
      expect(failure.cause, "a cause that may repeat it").to.equal(undefined);
      const told = inspect(failure, { depth: 10 });
      for (const piece of (authorization ?? "").split(/[ .]/).filter(({ length }) => length > 8)) {
        expect(told).not.to.contain(piece);
      }
      expect(told).not.to.contain(EMAIL);
    });
  }

  it("lets nobody in where no account is named", async () => {
    expect(await refused(await bearer(), open({ emails: [] }))).to.include({ code: "account" });
  });

  it("needs an audience, and keys by a way that nobody can change them on", () => {
    expect(() => open({ audience: "" })).to.throw(TypeError);
    for (const jwksUrl of ["http://keys.example.test/certs", "ftp://127.0.0.1/certs", "certs"]) {
      expect(() => open({ jwksUrl }), jwksUrl).to.throw(TypeError);
    }
  });

  describe("behind Cloud Run's own check", () => {
    it("believes a token whose signature was removed", async () => {
      const behind = open({ checkedByCloudRun: true });
      expect(await behind(removed(await bearer()))).to.deep.equal({ email: EMAIL });
      expect(issuer.state.asked, "for keys").to.equal(0);
    });

    it("checks all else", async () => {
      const behind = open({ checkedByCloudRun: true });
      const codes: readonly (readonly [WhyRefused, JWTPayload])[] = [
        ["expired", good({ exp: NOW - 31 })],
        ["issuer", good({ iss: "https://accounts.example.test" })],
        ["audience", good({ aud: "https://other.example.test" })],
        ["account", good({ email: "other@example.test" })],
        ["not_verified", good({ email_verified: false })],
        ["claims", without("exp")],
      ];
      for (const [code, claims] of codes) {
        expect((await refused(removed(await bearer(claims)), behind)).code).to.equal(code);
      }
      const odd = `Bearer ${part({ alg: "HS256" })}.${part(good())}.SIGNATURE_REMOVED_BY_GOOGLE`;
      expect((await refused(odd, behind)).code).to.equal("algorithm");
      const noise = "Bearer aaaa.bbbb.SIGNATURE_REMOVED_BY_GOOGLE";
      expect((await refused(noise, behind)).code).to.equal("malformed");
    });

    it("takes no token without a signature, and checks one that is there", async () => {
      const behind = open({ checkedByCloudRun: true });
      expect((await refused(`Bearer ${noSignature({ alg: "none" })}`, behind)).code).to.equal("algorithm");
      expect((await refused(`Bearer ${await stranger("unknown")}`, behind)).code).to.equal("signature");
      expect(await behind(await bearer())).to.deep.equal({ email: EMAIL });
    });
  });

  describe("with keys that change", () => {
    it("asks once for many tokens", async () => {
      const tokens = await Promise.all(Array.from({ length: 20 }, () => bearer()));
      await Promise.all(tokens.map((one) => callers(one)));
      clock.advance(9 * MINUTE);
      await callers(await bearer(claimsOf(AUDIENCE, EMAIL, clock.now())));
      expect(issuer.state.asked).to.equal(1);
    });

    it("finds a new key at once, and trusts the old one no more", async () => {
      const before = await bearer();
      await callers(before);
      clock.advance(MINUTE);
      await issuer.rotate();
      expect(await callers(await bearer())).to.deep.equal({ email: EMAIL });
      expect((await refused(before)).code).to.equal("signature");
    });

    it("trusts a key that is gone for ten minutes at most", async () => {
      const before = await bearer();
      await callers(before);
      await issuer.rotate();
      expect(await callers(before), "not yet known to be gone").to.deep.equal({ email: EMAIL });
      clock.advance(10 * MINUTE);
      expect((await refused(before)).code).to.equal("signature");
    });

    it("asks no more often than each 30 s for keys that nobody has", async () => {
      for (let round = 0; round < 10; round++) await refused(`Bearer ${await stranger(`unknown-${round}`)}`);
      expect(issuer.state.asked).to.equal(1);
      clock.advance(30_000);
      for (let round = 0; round < 10; round++) await refused(`Bearer ${await stranger(`unknown-${round}`)}`);
      expect(issuer.state.asked).to.equal(2);
    });

    it("asks for no key where the token is not signed with RS256", async () => {
      await refused(`Bearer ${await byPublicKey()}`);
      expect(issuer.state.asked).to.equal(0);
    });
  });

  describe("where the keys are away", () => {
    it("is unavailable, so that who calls tries again, until they are back", async () => {
      issuer.state.away = true;
      const token = await bearer();
      const failure = await failureOf(callers(token));
      expect(failure).to.be.instanceOf(Unavailable);
      expect(inspect(failure, { depth: 10 })).not.to.contain(token.slice(-50));
      expect(await failureOf(callers(token)), "at once").to.be.instanceOf(Unavailable);
      expect(issuer.state.asked).to.equal(1);
      issuer.state.away = false;
      clock.advance(1_000);
      expect(await callers(token)).to.deep.equal({ email: EMAIL });
    });

    it("goes on with those that it has for a day", async () => {
      await callers(await bearer());
      issuer.state.away = true;
      clock.advance(23 * 60 * MINUTE);
      expect(await callers(await bearer(claimsOf(AUDIENCE, EMAIL, clock.now())))).to.deep.equal({ email: EMAIL });
      clock.advance(60 * MINUTE);
      expect(await failureOf(callers(await bearer(claimsOf(AUDIENCE, EMAIL, clock.now()))))).to.be.instanceOf(
        Unavailable,
      );
    });

    it("does not wait for a server that is not there", async () => {
      const nowhere = open({ jwksUrl: "http://127.0.0.1:1/certs" });
      expect(await failureOf(nowhere(await bearer()))).to.be.instanceOf(Unavailable);
    });
  });
});

function removed(authorization: string): string {
  return authorization.replace(/[^.]*$/, "SIGNATURE_REMOVED_BY_GOOGLE");
}
