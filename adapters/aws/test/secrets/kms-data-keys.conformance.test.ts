import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { describeDataKeys } from "@punctual/core/conformance";
import { KmsDataKeys } from "../../src/secrets/kms-data-keys.js";
import { startFakeKms } from "../support/fake-kms.js";
import { NOBODY } from "../support/json-service.js";
import { describeWithMoto } from "../support/moto.js";

describe("KmsDataKeys on a fake KMS", () => {
  let kms: Awaited<ReturnType<typeof startFakeKms>>;
  let client: KMSClient;

  before(async () => {
    kms = await startFakeKms();
    client = new KMSClient({ ...NOBODY, endpoint: kms.service.endpoint });
  });
  after(async () => {
    client.destroy();
    await kms.service.stop();
  });

  describeDataKeys("KmsDataKeys", {
    otherKey: true,
    open: () => {
      const id = kms.addKey();
      return {
        keys: new KmsDataKeys(client, id),
        again: () => new KmsDataKeys(client, id),
        other: () => new KmsDataKeys(client, kms.addKey()),
      };
    },
  });
});

describeWithMoto("KmsDataKeys on moto", (endpoint) => {
  let client: KMSClient;

  before(async () => {
    client = new KMSClient({ ...NOBODY, endpoint: await endpoint() });
    client.middlewareStack.add((next) => async (request) => next(request).catch(withItsWords), { step: "initialize" });
  });
  after(() => client.destroy());

  const addKey = async () => (await client.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";

  describeDataKeys("KmsDataKeys", {
    otherKey: true,
    open: async () => {
      const [id, another] = [await addKey(), await addKey()];
      return {
        keys: new KmsDataKeys(client, id),
        again: () => new KmsDataKeys(client, id),
        other: () => new KmsDataKeys(client, another),
      };
    },
  });
});

/** Moto knows what KMS says here, and leaves it out. */
function withItsWords(error: unknown): never {
  if (error instanceof Error && error.name === "AccessDeniedException") {
    error.message =
      "The ciphertext refers to a customer master key that does not exist, or you are not allowed to access.";
  }
  throw error;
}
