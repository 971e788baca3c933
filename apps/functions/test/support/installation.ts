import { keysFor } from "@punctual/adapter-local/wiring";
import { makePool } from "@punctual/adapter-postgres";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { databaseOn, findServer } from "@punctual/adapter-postgres/server";
import { Envelopes } from "@punctual/adapter-sdk";
import { createHmac, randomBytes } from "node:crypto";

const SECRET = randomBytes(32).toString("hex");
const ISSUED = { iss: "https://issuer.test", aud: "punctual" };

export type Installation = Awaited<ReturnType<typeof openInstallation>>;

/** What every installation has, whatever it runs on: a database, keys, and tokens that are let in. */
export async function openInstallation() {
  const { TEST_POSTGRES_URL: given, DOCKER_HOST: dockerHost } = process.env;
  const server = await findServer({
    durable: false,
    ...(given !== undefined && { url: given }),
    ...(dockerHost !== undefined && { dockerHost }),
  });
  const name = `punctual_functions_${randomBytes(6).toString("hex")}`;
  const databaseUrl = await databaseOn(server, name);
  const rows = makePool({ ...POSTGRES_DEFAULTS, url: databaseUrl, poolSize: 4 });
  const secretKeys = randomBytes(32).toString("base64");
  return {
    env: {
      PUNCTUAL_DATABASE_URL: databaseUrl,
      PUNCTUAL_SECRET_KEYS: secretKeys,
      PUNCTUAL_ALLOW: "127.0.0.1",
      PUNCTUAL_AUTH: "secret",
      PUNCTUAL_AUTH_SECRET: SECRET,
      PUNCTUAL_AUTH_ISSUER: ISSUED.iss,
      PUNCTUAL_AUTH_AUDIENCE: ISSUED.aud,
      PUNCTUAL_RATE_PER_MINUTE: "0",
      PUNCTUAL_LOG_LEVEL: "warn",
    },
    rows,
    /** As its processes seal and believe them. */
    envelopes: new Envelopes(keysFor("messages", [secretKeys])),
    token,
    close: async () => {
      await rows.end();
      if (server.origin === "given") {
        const admin = makePool({ ...POSTGRES_DEFAULTS, url: server.url });
        await admin.query(`drop database if exists ${name} with (force)`);
        await admin.end();
      }
      await server.stop();
    },
  };
}

function token(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: "ops", tenant: "main", roles: ["admin"], ...ISSUED };
  const content = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, iat: now, exp: now + 3_600 })}`;
  return `${content}.${createHmac("sha256", SECRET).update(content).digest("base64url")}`;
}
