import { failureOf } from "@punctual/adapter-sdk/testing";
import { Conflict, Unavailable } from "@punctual/core";
import { expect } from "chai";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CODES, codeOf, isForbidden, isMissing, translated } from "../../src/errors.js";
import { PubsubClient } from "../../src/transport/pubsub-client.js";

/** An error as gRPC makes it. */
const ofService = (name: (typeof CODES)[number]) =>
  Object.assign(new Error(`${CODES.indexOf(name)} ${name}: said by the service`), { code: CODES.indexOf(name) });
const ofNode = (code: string) => Object.assign(new Error("said by Node"), { code });

describe("translated", () => {
  for (const [what, error] of Object.entries({
    "a service that is away": ofService("UNAVAILABLE"),
    "an answer that does not come": ofService("DEADLINE_EXCEEDED"),
    "a quota": ofService("RESOURCE_EXHAUSTED"),
    "a failure of the service": ofService("INTERNAL"),
    "another failure of the service": ofService("UNKNOWN"),
    "a transaction that was broken off": ofService("ABORTED"),
    "a request that was broken off": ofService("CANCELLED"),
    "a permission that is missing": ofService("PERMISSION_DENIED"),
    "credentials of nobody": ofService("UNAUTHENTICATED"),
    "a refused connection": ofNode("ECONNREFUSED"),
    "a name that is not known": ofNode("ENOTFOUND"),
    "a certificate of another": ofNode("ERR_TLS_CERT_ALTNAME_INVALID"),
    "no credentials at all": new Error("Could not load the default credentials. Browse to …"),
  })) {
    it(`makes ${what} unavailable, and keeps the original`, () => {
      const known = translated(error, "Pub/Sub");
      expect(known).to.be.instanceOf(Unavailable).and.include({ code: "unavailable", cause: error });
      expect((known as Unavailable).message).to.match(/^Pub\/Sub /);
    });
  }

  for (const [what, error] of Object.entries({
    "a request that is malformed": ofService("INVALID_ARGUMENT"),
    "a thing that is not there": ofService("NOT_FOUND"),
    "a thing that is there already": ofService("ALREADY_EXISTS"),
    "what the service does not know": ofService("UNIMPLEMENTED"),
    "a mistake in the program": new TypeError("undefined is not a function"),
    "a code that there is not": Object.assign(new Error("x"), { code: 99 }),
    "what the core knows": new Conflict("key_taken", "Another has that key"),
    "a thrown text": "text",
    "a thrown nothing": undefined,
    "a thrown null": null,
  })) {
    it(`leaves ${what} as it is`, () => expect(translated(error, "Pub/Sub")).to.equal(error));
  }
});

describe("codeOf", () => {
  it("knows each code of gRPC, and is empty for what has none", async () => {
    const { status } = await import("@grpc/grpc-js");
    expect(CODES.map((name) => status[name])).to.deep.equal([...CODES.keys()]);
    expect(CODES.map((name) => codeOf(ofService(name)))).to.deep.equal([...CODES]);
    expect([undefined, null, "text", {}, ofNode("ENOENT")].map(codeOf)).to.deep.equal(["", "", "", "", ""]);
  });

  it("tells what is missing and what is forbidden", () => {
    expect([isMissing(ofService("NOT_FOUND")), isMissing(ofService("INTERNAL"))]).to.deep.equal([true, false]);
    expect([isForbidden(ofService("PERMISSION_DENIED")), isForbidden(null)]).to.deep.equal([true, false]);
  });
});

describe("PubsubClient without credentials", () => {
  const NAME = "GOOGLE_APPLICATION_CREDENTIALS";
  const before = process.env[NAME];
  afterEach(() => {
    if (before === undefined) delete process.env[NAME];
    else process.env[NAME] = before;
  });

  it("is unavailable each time it is asked, and does not end the process", async () => {
    process.env[NAME] = "/nowhere/credentials.json";
    const client = new PubsubClient(null);
    for (let times = 0; times < 2; times++) {
      expect(await failureOf(client.needTopic("projects/p/topics/t"))).to.be.instanceOf(Unavailable);
      expect(await failureOf(client.publish("projects/p/topics/t", []))).to.be.instanceOf(Unavailable);
    }
    await client.close();
  }).timeout(30_000);

  it("finds them once they are there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "punctual-gcp-"));
    const file = join(folder, "credentials.json");
    process.env[NAME] = file;
    const client = new PubsubClient(null);
    // Aborted before it begins, nothing is asked of Google.
    const publish = async () =>
      (await failureOf(client.publish("projects/p/topics/t", [], AbortSignal.abort()))).message;
    expect((await failureOf(client.needTopic("projects/p/topics/t"))).message).to.contain("credentials");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    await writeFile(
      file,
      JSON.stringify({
        ...{ type: "service_account", project_id: "p", client_email: "nobody@p.iam.gserviceaccount.com" },
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      }),
    );
    let said = "";
    for (let tries = 0; !said.includes("broke") && tries < 100; tries++) {
      said = await publish();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(said).to.equal("Pub/Sub broke the request off");
    await client.close();
    await rm(folder, { recursive: true });
  }).timeout(30_000);
});
