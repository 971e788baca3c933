import { KeyManagementServiceClient } from "@google-cloud/kms";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { atEndpoint } from "../../src/auth/at-endpoint.js";
import { CloudKmsDataKeys } from "../../src/secrets/cloud-kms-data-keys.js";
import { openKms } from "../../src/secrets/open-secrets.js";
import { startFakeKms } from "../support/fake-cloud-kms.js";
import type { Trouble } from "../support/rest-service.js";

type Client = ConstructorParameters<typeof CloudKmsDataKeys>[0];

describe("CloudKmsDataKeys", () => {
  let kms: Awaited<ReturnType<typeof startFakeKms>>;
  let real: KeyManagementServiceClient;
  let client: Client;

  beforeEach(async () => {
    kms = await startFakeKms();
    real = new KeyManagementServiceClient(atEndpoint(kms.endpoint));
    // What fails is not tried again by the library, which would take seconds.
    client = {
      encrypt: async (request: object) => real.encrypt(request, { retry: null }),
      decrypt: async (request: object) => real.decrypt(request, { retry: null }),
    };
  });
  afterEach(async () => {
    await real.close();
    await kms.stop();
  });

  it("wraps with the first key and unwraps with all", async () => {
    const [before, after] = [kms.addKey(), kms.addKey()];
    const old = await new CloudKmsDataKeys(client, before).generate();
    const both = new CloudKmsDataKeys(client, after, before);
    const young = await both.generate();

    for (const { key, wrapped } of [old, young])
      expect(Buffer.from(await both.unwrap(wrapped)).equals(key)).to.equal(true);
    const unwrapped = await new CloudKmsDataKeys(client, after).unwrap(young.wrapped);
    expect(Buffer.from(unwrapped).equals(young.key)).to.equal(true);
    expect(await failureOf(new CloudKmsDataKeys(client, after).unwrap(old.wrapped))).to.include({
      code: "key_unreadable",
    });
  });

  it("does not unwrap what the same key has wrapped for something else", async () => {
    const name = kms.addKey();
    const [{ ciphertext }] = await real.encrypt({ name, plaintext: Buffer.alloc(32) });
    const failure = await failureOf(new CloudKmsDataKeys(client, name).unwrap(ciphertext as Uint8Array));
    expect(failure).to.include({ code: "key_unreadable" });
  });

  it("asks nobody about what is no ciphertext by its length", async () => {
    const keys = new CloudKmsDataKeys(client, kms.addKey());
    for (const length of [0, 4_097, 1_000_000]) {
      expect(await failureOf(keys.unwrap(new Uint8Array(length)))).to.include({ code: "key_unreadable" });
    }
    expect(kms.state.asked).to.equal(0);
  });

  const flip = (field: string) => (answer: Record<string, unknown>) => {
    const bytes = Buffer.from(String(answer[field]), "base64");
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    return { ...answer, [field]: bytes.toString("base64") };
  };
  const garbled: Readonly<Record<string, (answer: Record<string, unknown>) => object>> = {
    "changes a wrapped key": flip("ciphertext"),
    "leaves its checksum out": ({ ciphertextCrc32c: _, ...answer }) => answer,
    "did not see the key's checksum": ({ verifiedPlaintextCrc32c: _, ...answer }) => answer,
    "did not see the context's checksum": (answer) => ({ ...answer, verifiedAdditionalAuthenticatedDataCrc32c: false }),
    "leaves the wrapped key out": ({ ciphertext: _, ...answer }) => answer,
  };
  for (const [what, how] of Object.entries(garbled)) {
    it(`gives no key where something on the way ${what}`, async () => {
      kms.garble(how);
      const failure = await failureOf(new CloudKmsDataKeys(client, kms.addKey()).generate());
      expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
    });
  }

  it("is unavailable, and not unreadable, where an unwrapped key was changed on its way", async () => {
    const keys = new CloudKmsDataKeys(client, kms.addKey());
    const { wrapped } = await keys.generate();
    kms.garble(flip("plaintext"));
    expect(await failureOf(keys.unwrap(wrapped)))
      .to.be.instanceOf(Unavailable)
      .and.include({ code: "unavailable" });
  });

  it("has Cloud KMS check what it is given", async () => {
    const name = kms.addKey();
    const lying: Client = {
      encrypt: async (request: object) => real.encrypt({ ...request, plaintext: Buffer.alloc(32) }, { retry: null }),
      decrypt: client.decrypt,
    };
    expect(await failureOf(new CloudKmsDataKeys(lying, name).generate())).to.be.instanceOf(Unavailable);
  });

  const troubles: Readonly<Record<string, Trouble>> = {
    "is asked too often": { kind: "fault", code: "RESOURCE_EXHAUSTED" },
    "fails inside": { kind: "fault", code: "INTERNAL" },
    "is away": { kind: "fault", code: "UNAVAILABLE" },
    "says nothing that can be read": { kind: "page", status: 502 },
    "breaks the connection": { kind: "reset" },
    "finds the credentials expired": { kind: "fault", code: "UNAUTHENTICATED" },
    "forbids it": { kind: "fault", code: "PERMISSION_DENIED" },
    "has the key disabled": { kind: "fault", code: "FAILED_PRECONDITION", message: "The key version is not enabled." },
    "takes the request for malformed": { kind: "fault", code: "INVALID_ARGUMENT", message: "Bad name" },
  };
  for (const [what, trouble] of Object.entries(troubles)) {
    it(`is unavailable, and not unreadable, where Cloud KMS ${what}`, async () => {
      const keys = new CloudKmsDataKeys(client, kms.addKey());
      const { wrapped } = await keys.generate();
      kms.state.trouble = trouble;
      for (const act of [() => keys.generate(), () => keys.unwrap(wrapped)]) {
        const failure = await failureOf(act());
        expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
        expect(failure.cause, "the original").to.be.instanceOf(Error);
      }
    });
  }

  it("is unavailable where there is no such key", async () => {
    const failure = await failureOf(new CloudKmsDataKeys(client, kms.addKey().replace(/\d+$/, "999")).generate());
    expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
    expect(failure.message).to.contain("NOT_FOUND");
  });

  it("is opened at an endpoint", async () => {
    const keys = openKms({ endpoint: kms.endpoint }, [kms.addKey()]);
    const { key, wrapped } = await keys.generate();
    expect(Buffer.from(await keys.unwrap(wrapped)).equals(key)).to.equal(true);
  });
});
