import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  sign as signWith,
} from "node:crypto";

export const NOW = new Date("2030-01-01T12:00:00Z");
export const SECONDS = NOW.getTime() / 1000;
export const ISSUER = "https://issuer.example/";
export const AUDIENCE = "punctual";
export const SECRET = "a secret of thirty-two bytes: ok";
export const KEYS_URL = "https://issuer.example/.well-known/jwks.json";

const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength });

/** Made once: RSA keys take their time. */
export const pairs = {
  rsa: rsa(2048),
  rsaForPss: rsa(2048),
  rsaWeak: rsa(1024),
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  ed25519: generateKeyPairSync("ed25519"),
  attacker: rsa(2048),
} satisfies Record<string, KeyPairKeyObjectResult>;

export const jwk = (key: KeyObject, kid: string, extra: object = {}): Record<string, unknown> => ({
  ...key.export({ format: "jwk" }),
  kid,
  ...extra,
});

type Payload = Readonly<Record<string, unknown>> | string | Uint8Array;

export interface Parts {
  readonly header?: Payload;
  readonly payload?: Payload;
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: KeyObject | string;
}

export const claims = (changes: object = {}): Record<string, unknown> => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "ada",
  exp: SECONDS + 300,
  tenant: "acme",
  roles: ["user"],
  ...changes,
});

export const encode = (part: Payload): string =>
  Buffer.from(typeof part === "string" || part instanceof Uint8Array ? part : JSON.stringify(part)).toString(
    "base64url",
  );

/** Signed with RS256 unless said otherwise. `alg` says how it is signed; the header may say something else. */
export function token(parts: Parts = {}): string {
  const { alg = "RS256", kid = "rsa", key = pairs.rsa.privateKey, payload = claims() } = parts;
  const { header = { alg, kid, typ: "JWT" } } = parts;
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(alg, input, key).toString("base64url")}`;
}

export function signature(alg: string, input: string, key: KeyObject | string): Buffer {
  const data = Buffer.from(input);
  const hash = `sha${alg.slice(2)}`;
  if (alg.startsWith("HS")) return createHmac(hash, key).update(data).digest();
  if (alg.startsWith("RS")) return signWith(hash, data, key);
  if (alg === "EdDSA") return signWith(null, data, key);
  if (typeof key === "string") throw new Error("A secret signs with HMAC alone");
  if (alg.startsWith("ES")) return signWith(hash, data, { key, dsaEncoding: "ieee-p1363" });
  const saltLength = Number(alg.slice(2)) / 8;
  return signWith(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

export const bearer = (parts?: Parts): string => `Bearer ${token(parts)}`;

/** The shortest good token of so many bytes or more. */
export function tokenOf(bytes: number): string {
  const filled = (length: number) => token({ payload: claims({ padding: "x".repeat(length) }) });
  let length = Math.floor(((bytes - filled(0).length) * 3) / 4) - 4;
  while (filled(length).length < bytes) length++;
  return filled(length);
}
