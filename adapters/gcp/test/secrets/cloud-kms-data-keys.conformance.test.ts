import { KeyManagementServiceClient } from "@google-cloud/kms";
import { describeDataKeys } from "@punctual/core/conformance";
import { atEndpoint } from "../../src/auth/at-endpoint.js";
import { CloudKmsDataKeys } from "../../src/secrets/cloud-kms-data-keys.js";
import { startFakeKms } from "../support/fake-cloud-kms.js";

describe("CloudKmsDataKeys on a fake Cloud KMS", () => {
  let kms: Awaited<ReturnType<typeof startFakeKms>>;
  let client: KeyManagementServiceClient;

  before(async () => {
    kms = await startFakeKms();
    client = new KeyManagementServiceClient(atEndpoint(kms.endpoint));
  });
  after(async () => {
    await client.close();
    await kms.stop();
  });

  describeDataKeys("CloudKmsDataKeys", {
    otherKey: true,
    open: () => {
      const name = kms.addKey();
      return {
        keys: new CloudKmsDataKeys(client, name),
        again: () => new CloudKmsDataKeys(client, name),
        other: () => new CloudKmsDataKeys(client, kms.addKey()),
      };
    },
  });
});
