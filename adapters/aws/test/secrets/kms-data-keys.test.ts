import { failureOf } from "@punctual/adapter-sdk/testing";
import { KMSClient } from "@aws-sdk/client-kms";
import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import { KmsDataKeys } from "../../src/secrets/kms-data-keys.js";
import { arnOf, startFakeKms } from "../support/fake-kms.js";
import { NOBODY, type Trouble } from "../support/json-service.js";

describe("KmsDataKeys", () => {
  let kms: Awaited<ReturnType<typeof startFakeKms>>;
  let client: KMSClient;

  beforeEach(async () => {
    kms = await startFakeKms();
    client = new KMSClient({ ...NOBODY, endpoint: kms.service.endpoint, maxAttempts: 1 });
  });
  afterEach(async () => {
    client.destroy();
    await kms.service.stop();
  });

  it("takes the key's ARN as well as its id", async () => {
    const id = kms.addKey();
    const { key, wrapped } = await new KmsDataKeys(client, arnOf(id)).generate();
    expect(await new KmsDataKeys(client, id).unwrap(wrapped)).to.deep.equal(key);
  });

  it("wraps with the first key and unwraps with all", async () => {
    const [before, after] = [kms.addKey(), kms.addKey()];
    const old = await new KmsDataKeys(client, before).generate();
    const both = new KmsDataKeys(client, after, before);
    const young = await both.generate();

    for (const { key, wrapped } of [old, young]) expect(await both.unwrap(wrapped)).to.deep.equal(key);
    expect(await new KmsDataKeys(client, after).unwrap(young.wrapped)).to.deep.equal(young.key);
    expect(await failureOf(new KmsDataKeys(client, after).unwrap(old.wrapped))).to.include({ code: "key_unreadable" });
  });

  it("does not unwrap what the same key has wrapped for something else", async () => {
    const id = kms.addKey();
    const elsewhere = new KMSClient({ ...NOBODY, endpoint: kms.service.endpoint });
    elsewhere.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, EncryptionContext: { punctual: "another" } } }),
      { step: "initialize" },
    );
    const { wrapped } = await new KmsDataKeys(elsewhere, id).generate();
    elsewhere.destroy();
    expect(await failureOf(new KmsDataKeys(client, id).unwrap(wrapped))).to.include({ code: "key_unreadable" });
  });

  it("asks nobody about what is no ciphertext by its length", async () => {
    const keys = new KmsDataKeys(client, kms.addKey());
    for (const length of [0, 6_145, 1_000_000]) {
      expect(await failureOf(keys.unwrap(new Uint8Array(length)))).to.include({ code: "key_unreadable" });
    }
    expect(kms.service.asked).to.equal(0);
  });

  const troubles: Readonly<Record<string, Trouble>> = {
    "is asked too often": { kind: "fault", type: "ThrottlingException", status: 400 },
    "fails inside": { kind: "fault", type: "KMSInternalException", status: 500 },
    "says nothing that can be read": { kind: "page", status: 502 },
    "breaks the connection": { kind: "reset" },
    "finds the credentials expired": { kind: "fault", type: "ExpiredTokenException", status: 400 },
    "forbids it": { kind: "fault", type: "AccessDeniedException", status: 400, message: "not authorized to perform" },
    "has the key disabled": { kind: "fault", type: "DisabledException", status: 400 },
    "has the key deleted": { kind: "fault", type: "KMSInvalidStateException", status: 400 },
    "takes the request for malformed": { kind: "fault", type: "ValidationException", status: 400 },
  };
  for (const [what, trouble] of Object.entries(troubles)) {
    it(`is unavailable, and not unreadable, where KMS ${what}`, async () => {
      const keys = new KmsDataKeys(client, kms.addKey());
      const { wrapped } = await keys.generate();
      kms.service.trouble = trouble;
      for (const act of [() => keys.generate(), () => keys.unwrap(wrapped)]) {
        const failure = await failureOf(act());
        expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
        expect(failure.cause, "the original").to.be.instanceOf(Error);
      }
    });
  }

  it("is unavailable where there is no such key", async () => {
    const failure = await failureOf(new KmsDataKeys(client, "no-such-key").generate());
    expect(failure).to.be.instanceOf(Unavailable).and.include({ code: "unavailable" });
    expect(failure.message).to.contain("NotFoundException");
  });
});
