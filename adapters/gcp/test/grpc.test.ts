import { KeyManagementServiceClient, protos as kmsProtos } from "@google-cloud/kms";
import { protos as secretProtos, SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { CloudTasksClient, protos as tasksProtos } from "@google-cloud/tasks";
import { machineTime } from "@punctual/adapter-sdk/conformance";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { SecretNotFound, Unavailable } from "@punctual/core";
import { expect } from "chai";
import { CloudKmsDataKeys } from "../src/secrets/cloud-kms-data-keys.js";
import { crc32c } from "../src/secrets/crc32c.js";
import { SecretManagerSecrets } from "../src/secrets/secret-manager-secrets.js";
import { TaskQueue } from "../src/tasks/task-queue.js";
import { grpcService, method } from "./support/grpc-service.js";
import { Fault } from "./support/rest-service.js";

const { clock } = machineTime();
const { CreateTaskRequest, Task } = tasksProtos.google.cloud.tasks.v2;
const { TestIamPermissionsRequest, TestIamPermissionsResponse } = tasksProtos.google.iam.v1;
const { AccessSecretVersionRequest, AccessSecretVersionResponse } = secretProtos.google.cloud.secretmanager.v1;
const { EncryptRequest, EncryptResponse, DecryptRequest, DecryptResponse } = kmsProtos.google.cloud.kms.v1;

type Bytes = Uint8Array | string | null | undefined;

// All else is tested by HTTP and JSON, which is easier to stand in for.
describe("by gRPC, as Google itself is asked", () => {
  it("makes tasks", async () => {
    const made: tasksProtos.google.cloud.tasks.v2.ICreateTaskRequest[] = [];
    const service = await grpcService([
      method("/google.cloud.tasks.v2.CloudTasks/CreateTask", CreateTaskRequest, Task, (request) => {
        if (request.parent?.endsWith("/none") === true) throw new Fault("NOT_FOUND", "Requested entity was not found.");
        made.push(request);
        return Task.create({ name: "task" });
      }),
      method(
        "/google.cloud.tasks.v2.CloudTasks/TestIamPermissions",
        TestIamPermissionsRequest,
        TestIamPermissionsResponse,
        ({ resource, permissions }) =>
          TestIamPermissionsResponse.create({ permissions: resource?.endsWith("/none") === true ? [] : permissions }),
      ),
    ]);
    const client = new CloudTasksClient(service.options);
    try {
      const place = { project: "example-project", location: "europe-west3", url: "https://worker.example.test/tasks" };
      const config = { ...place, serviceAccount: "us@example.test", audience: "them" };
      const queue = new TaskQueue(client, { ...config, queue: "events" }, clock);
      const at = Date.now();
      expect(await queue.send([{ body: "ü", delayMs: 60_250 }])).to.deep.equal([null]);
      const { parent, task } = made[0] ?? {};
      expect(parent).to.equal("projects/example-project/locations/europe-west3/queues/events");
      expect(Buffer.from(task?.httpRequest?.body ?? "").toString()).to.equal("ü");
      expect(task?.httpRequest).to.deep.include({ url: "https://worker.example.test/tasks", httpMethod: 1 });
      expect(task?.httpRequest?.oidcToken).to.include({ serviceAccountEmail: "us@example.test", audience: "them" });
      const { seconds, nanos } = task?.scheduleTime ?? {};
      expect(Number(seconds) * 1_000 + Number(nanos) / 1e6).to.be.within(at + 60_250, Date.now() + 60_250);
      await queue.check();

      const none = new TaskQueue(client, { ...config, queue: "none" }, clock);
      expect((await none.send([{ body: "x" }]))[0]).to.contain("gcloud tasks queues create none");
      expect(await failureOf(none.check())).to.be.instanceOf(Unavailable);
    } finally {
      await client.close();
      service.stop();
    }
  });

  it("reads secrets", async () => {
    const data = Buffer.from("hunter2 ü");
    const service = await grpcService([
      method(
        "/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion",
        AccessSecretVersionRequest,
        AccessSecretVersionResponse,
        ({ name }) => {
          if (name?.endsWith("/secrets/database/versions/latest") !== true) throw new Fault("NOT_FOUND", "not found");
          return AccessSecretVersionResponse.create({ name, payload: { data, dataCrc32c: crc32c(data) } });
        },
      ),
    ]);
    const client = new SecretManagerServiceClient(service.options);
    try {
      const options = { maxAgeMs: 1_000, graceMs: 1_000, project: "example-project" };
      const secrets = new SecretManagerSecrets(client, clock, options);
      expect(await secrets.read("database")).to.equal("hunter2 ü");
      expect(await failureOf(secrets.read("another"))).to.be.instanceOf(SecretNotFound);
    } finally {
      await client.close();
      service.stop();
    }
  });

  it("wraps and unwraps data keys", async () => {
    // What is asked is checked where it is answered in JSON; here it comes back with its bits turned.
    const turned = (bytes: Bytes) => Buffer.from(bytes as Uint8Array).map((byte) => byte ^ 0xff);
    const service = await grpcService([
      method("/google.cloud.kms.v1.KeyManagementService/Encrypt", EncryptRequest, EncryptResponse, (request) => {
        expect(Number(request.plaintextCrc32c?.value)).to.equal(crc32c(request.plaintext as Uint8Array));
        const ciphertext = turned(request.plaintext);
        const verified = { verifiedPlaintextCrc32c: true, verifiedAdditionalAuthenticatedDataCrc32c: true };
        return EncryptResponse.create({ ciphertext, ciphertextCrc32c: { value: crc32c(ciphertext) }, ...verified });
      }),
      method("/google.cloud.kms.v1.KeyManagementService/Decrypt", DecryptRequest, DecryptResponse, (request) => {
        if (request.ciphertext?.length !== 32) throw new Fault("INVALID_ARGUMENT", "Decryption failed: it is invalid.");
        const plaintext = turned(request.ciphertext);
        return DecryptResponse.create({ plaintext, plaintextCrc32c: { value: crc32c(plaintext) } });
      }),
    ]);
    const client = new KeyManagementServiceClient(service.options);
    try {
      const name = "projects/example-project/locations/europe-west3/keyRings/punctual/cryptoKeys/outer";
      const keys = new CloudKmsDataKeys(client, name);
      const { key, wrapped } = await keys.generate();
      expect(Buffer.from(await keys.unwrap(wrapped)).equals(key)).to.equal(true);
      expect(await failureOf(keys.unwrap(wrapped.slice(1)))).to.include({ code: "key_unreadable" });
    } finally {
      await client.close();
      service.stop();
    }
  });
});
