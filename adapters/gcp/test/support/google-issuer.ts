import { CompactSign, exportJWK, generateKeyPair, type JWK, type JWTPayload } from "jose";
import { httpService } from "./http-service.js";

/** Makes tokens as Google does, and publishes their keys on loopback. */
export async function startIssuer() {
  let published: readonly JWK[] = [];
  let current: Awaited<ReturnType<typeof keyPair>>;
  const state = { asked: 0, away: false };
  const service = await httpService((_, response) => {
    state.asked++;
    if (state.away) return void response.writeHead(503).end("<h1>Sorry</h1>");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: published }));
  });
  let made = 0;
  /** Publishes a new key, and forgets the one before; from then on tokens are signed with it. */
  const rotate = async () => {
    current = await keyPair(`key-${++made}`);
    published = [current.jwk];
  };
  await rotate();

  return {
    ...{ state, rotate, stop: service.stop },
    jwksUrl: `${service.url}/certs`,
    sign: (claims: unknown) =>
      new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: "RS256", kid: current.kid, typ: "JWT" })
        .sign(current.privateKey),
    publicKey: () => current.jwk,
  };
}

async function keyPair(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { modulusLength: 2_048, extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

/** What Google says in a token that it makes for Pub/Sub, Cloud Scheduler or Cloud Tasks. */
export function claimsOf(audience: string, email: string, at: Date, lastsSeconds = 3_600): JWTPayload {
  const iat = Math.floor(at.getTime() / 1_000);
  return {
    ...{
      iss: "https://accounts.google.com",
      aud: audience,
      azp: "113774264463038321964",
      sub: "113774264463038321964",
    },
    ...{ email, email_verified: true, iat, exp: iat + lastsSeconds },
  };
}
