import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { describeSecrets } from "@punctual/core/conformance";
import { MemoryClock } from "@punctual/core/memory";
import { atEndpoint } from "../../src/auth/at-endpoint.js";
import { SecretManagerSecrets } from "../../src/secrets/secret-manager-secrets.js";
import { startFakeSecretManager } from "../support/fake-secret-manager.js";

const OPTIONS = { maxAgeMs: 60_000, graceMs: 600_000, project: "example-project" };

type Client = ConstructorParameters<typeof SecretManagerSecrets>[0];

describe("SecretManagerSecrets on a fake Secret Manager", () => {
  let manager: Awaited<ReturnType<typeof startFakeSecretManager>>;
  let client: SecretManagerServiceClient;

  before(async () => {
    manager = await startFakeSecretManager();
    client = new SecretManagerServiceClient(atEndpoint(manager.endpoint));
  });
  after(async () => {
    await client.close();
    await manager.stop();
  });

  const pathOf = (name: string) => `projects/example-project/secrets/${name.replaceAll("/", "-")}`;

  describeSecrets("SecretManagerSecrets", {
    open: () => {
      const seen = { away: false, asked: 0 };
      const watched: Client = {
        accessSecretVersion: async (request: object) => {
          seen.asked++;
          if (seen.away) throw Object.assign(new Error("14 UNAVAILABLE: no connection"), { code: 14 });
          return client.accessSecretVersion(request);
        },
      };
      const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
      return {
        ...OPTIONS,
        secrets: new SecretManagerSecrets(watched, clock, OPTIONS),
        put: async (name, value) => void manager.put(pathOf(name), value),
        remove: async (name) => void manager.kept.delete(pathOf(name)),
        away: (is) => void (seen.away = is),
        asked: () => seen.asked,
        pass: (ms) => clock.advance(ms),
      };
    },
    close: async () => manager.kept.clear(),
  });
});
