import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { failureOf, NOON } from "@punctual/adapter-sdk/testing";
import { SecretNotFound, type Secrets, Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { atEndpoint } from "../../src/auth/at-endpoint.js";
import { openSecrets } from "../../src/secrets/open-secrets.js";
import { SecretManagerSecrets, versionPathOf } from "../../src/secrets/secret-manager-secrets.js";
import { startFakeSecretManager } from "../support/fake-secret-manager.js";
import type { Trouble } from "../support/rest-service.js";

const PATH = "projects/example-project/secrets/punctual-database";

type Client = ConstructorParameters<typeof SecretManagerSecrets>[0];

describe("SecretManagerSecrets", () => {
  let manager: Awaited<ReturnType<typeof startFakeSecretManager>>;
  let client: SecretManagerServiceClient;
  let secrets: Secrets;

  beforeEach(async () => {
    manager = await startFakeSecretManager();
    client = new SecretManagerServiceClient(atEndpoint(manager.endpoint));
    // What fails is not tried again by the library, which would take seconds.
    const once: Client = {
      accessSecretVersion: async (request: object) => client.accessSecretVersion(request, { retry: null }),
    };
    const options = { maxAgeMs: 60_000, graceMs: 600_000, project: "example-project" };
    secrets = new SecretManagerSecrets(once, new MemoryClock(NOON), options);
    manager.put(PATH, "hunter2");
  });
  afterEach(async () => {
    await client.close();
    await manager.stop();
  });

  it("takes a full name, with and without a version, and a short one", async () => {
    manager.put(PATH, "hunter3");
    const names = { [PATH]: "hunter3", [`${PATH}/versions/latest`]: "hunter3", [`${PATH}/versions/1`]: "hunter2" };
    for (const [name, value] of Object.entries({
      ...names,
      "punctual/database": "hunter3",
      "punctual-database": "hunter3",
    })) {
      expect(await secrets.read(name), name).to.equal(value);
    }
  });

  for (const state of ["DISABLED", "DESTROYED"] as const) {
    it(`does not find a version that is ${state}`, async () => {
      manager.put(PATH, "hunter3").state = state;
      expect(await failureOf(secrets.read(PATH))).to.be.instanceOf(SecretNotFound);
      expect(await secrets.read(`${PATH}/versions/1`)).to.equal("hunter2");
    });
  }

  it("does not guess what bytes mean", async () => {
    manager.put(PATH, Buffer.from([0x68, 0xff, 0xfe]));
    const failure = await failureOf(secrets.read(PATH));
    expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "secret_unreadable" });
    expect(failure.message).to.contain(PATH);
  });

  it("keeps a byte order mark, as it was put there", async () => {
    manager.put(PATH, "\ufeffhunter2");
    expect(await secrets.read(PATH)).to.equal("\ufeffhunter2");
  });

  it("does not take what was changed on its way", async () => {
    manager.spoil();
    const failure = await failureOf(secrets.read(PATH));
    expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
    expect(String(failure)).not.to.contain("hunter2");
  });

  const troubles: Readonly<Record<string, Trouble>> = {
    "is asked too often": { kind: "fault", code: "RESOURCE_EXHAUSTED" },
    "fails inside": { kind: "fault", code: "INTERNAL" },
    "is away": { kind: "fault", code: "UNAVAILABLE" },
    "says nothing that can be read": { kind: "page", status: 502 },
    "breaks the connection": { kind: "reset" },
    "finds the credentials expired": { kind: "fault", code: "UNAUTHENTICATED" },
    "forbids it": { kind: "fault", code: "PERMISSION_DENIED" },
  };
  for (const [what, trouble] of Object.entries(troubles)) {
    it(`is unavailable where Secret Manager ${what}`, async () => {
      manager.state.trouble = trouble;
      const failure = await failureOf(secrets.read(PATH));
      expect(failure).to.be.instanceOf(Unavailable);
      expect(failure.cause, "the original").to.be.instanceOf(Error);
    });
  }

  it("leaves a request that is malformed to whoever made it", async () => {
    manager.state.trouble = { kind: "fault", code: "INVALID_ARGUMENT" };
    expect(await failureOf(secrets.read(PATH))).to.include({ code: 3 });
  });

  it("is opened at an endpoint", async () => {
    const opened = openSecrets({ endpoint: manager.endpoint }, "example-project", new MemoryClock(NOON));
    expect(await opened.read("punctual/database")).to.equal("hunter2");
  });
});

describe("versionPathOf", () => {
  for (const [name, path] of Object.entries({
    database: "projects/p/secrets/database/versions/latest",
    "punctual/database": "projects/p/secrets/punctual-database/versions/latest",
    "projects/q/secrets/s": "projects/q/secrets/s/versions/latest",
    "projects/q/secrets/s/versions/7": "projects/q/secrets/s/versions/7",
    "projects/q/secrets/versions": "projects/q/secrets/versions/versions/latest",
    "projects/q/locations/l/secrets/s": "projects/q/locations/l/secrets/s/versions/latest",
  })) {
    it(`reads ${name}`, () => expect(versionPathOf(name, "p")).to.equal(path));
  }
});
