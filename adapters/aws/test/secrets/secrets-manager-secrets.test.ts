import { failureOf } from "@punctual/adapter-sdk/testing";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SecretNotFound, Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { SecretsManagerSecrets } from "../../src/secrets/secrets-manager-secrets.js";
import { startFakeSecretsManager } from "../support/fake-secrets-manager.js";
import { NOBODY, type Trouble } from "../support/json-service.js";

describe("SecretsManagerSecrets", () => {
  let manager: Awaited<ReturnType<typeof startFakeSecretsManager>>;
  let client: SecretsManagerClient;
  let secrets: SecretsManagerSecrets;

  beforeEach(async () => {
    manager = await startFakeSecretsManager();
    client = new SecretsManagerClient({ ...NOBODY, endpoint: manager.service.endpoint, maxAttempts: 1 });
    const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
    secrets = new SecretsManagerSecrets(client, clock, { maxAgeMs: 60_000, graceMs: 600_000 });
    manager.put("punctual/database", { SecretString: "hunter2" });
  });
  afterEach(async () => {
    client.destroy();
    await manager.service.stop();
  });

  it("takes an ARN as well as a name", async () => {
    const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:punctual/database-AbCdEf";
    expect(await secrets.read(arn)).to.equal("hunter2");
  });

  it("does not find what is marked for deletion", async () => {
    const kept = manager.kept.get("punctual/database");
    if (kept !== undefined) kept.deleted = true;
    expect(await failureOf(secrets.read("punctual/database"))).to.be.instanceOf(SecretNotFound);
  });

  it("does not guess what bytes mean", async () => {
    manager.put("punctual/bytes", { SecretBinary: Buffer.from("hunter2").toString("base64") });
    const failure = await failureOf(secrets.read("punctual/bytes"));
    expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "secret_unreadable" });
    expect(failure.message).to.contain("punctual/bytes").and.not.to.contain("hunter2");
  });

  const troubles: Readonly<Record<string, Trouble>> = {
    "is asked too often": { kind: "fault", type: "ThrottlingException", status: 400 },
    "fails inside": { kind: "fault", type: "InternalServiceError", status: 500 },
    "says nothing that can be read": { kind: "page", status: 502 },
    "breaks the connection": { kind: "reset" },
    "finds the credentials expired": { kind: "fault", type: "ExpiredTokenException", status: 400 },
    "forbids it": { kind: "fault", type: "AccessDeniedException", status: 400 },
    "may not use the key": { kind: "fault", type: "DecryptionFailure", status: 400 },
  };
  for (const [what, trouble] of Object.entries(troubles)) {
    it(`is unavailable where Secrets Manager ${what}`, async () => {
      manager.service.trouble = trouble;
      const failure = await failureOf(secrets.read("punctual/database"));
      expect(failure).to.be.instanceOf(Unavailable);
      expect(failure.cause, "the original").to.be.instanceOf(Error);
    });
  }

  it("leaves a request that is malformed to whoever made it", async () => {
    manager.service.trouble = { kind: "fault", type: "InvalidParameterException", status: 400 };
    expect(await failureOf(secrets.read("punctual/database"))).to.include({ name: "InvalidParameterException" });
  });
});
