import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { describeSecrets } from "@punctual/core/conformance";
import { MemoryClock } from "@punctual/core/memory";
import { SecretsManagerSecrets } from "../../src/secrets/secrets-manager-secrets.js";
import { startFakeSecretsManager } from "../support/fake-secrets-manager.js";
import { NOBODY } from "../support/json-service.js";
import { describeWithMoto } from "../support/moto.js";

const OPTIONS = { maxAgeMs: 60_000, graceMs: 600_000 };

/** Secrets whose client counts what it asks, and meets with a broken connection where that is wanted. */
function watched(endpoint: string) {
  const client = new SecretsManagerClient({ ...NOBODY, endpoint, maxAttempts: 1 });
  const seen = { away: false, asked: 0 };
  client.middlewareStack.add(
    (next) => async (request) => {
      seen.asked++;
      if (seen.away) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      return next(request);
    },
    { step: "finalizeRequest" },
  );
  const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
  return {
    ...OPTIONS,
    client,
    secrets: new SecretsManagerSecrets(client, clock, OPTIONS),
    away: (is: boolean) => void (seen.away = is),
    asked: () => seen.asked,
    pass: (ms: number) => clock.advance(ms),
  };
}

describe("SecretsManagerSecrets on a fake Secrets Manager", () => {
  let manager: Awaited<ReturnType<typeof startFakeSecretsManager>>;
  let open: ReturnType<typeof watched>;

  describeSecrets("SecretsManagerSecrets", {
    open: async () => {
      manager = await startFakeSecretsManager();
      open = watched(manager.service.endpoint);
      return {
        ...open,
        put: async (name, value) => manager.put(name, { SecretString: value }),
        remove: async (name) => void manager.kept.delete(name),
      };
    },
    close: async () => {
      open.client.destroy();
      await manager.service.stop();
    },
  });
});

describeWithMoto("SecretsManagerSecrets on moto", (endpoint) => {
  let keeper: SecretsManagerClient;
  let open: ReturnType<typeof watched>;

  describeSecrets("SecretsManagerSecrets", {
    open: async () => {
      keeper = new SecretsManagerClient({ ...NOBODY, endpoint: await endpoint() });
      open = watched(await endpoint());
      return {
        ...open,
        put: async (name, value) => {
          try {
            await keeper.send(new CreateSecretCommand({ Name: name, SecretString: value }));
          } catch (error) {
            if (!(error instanceof ResourceExistsException)) throw error;
            await keeper.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
          }
        },
        remove: async (name) => {
          await keeper.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
        },
      };
    },
    close: async () => {
      for (const client of [keeper, open.client]) client.destroy();
    },
  });
});
