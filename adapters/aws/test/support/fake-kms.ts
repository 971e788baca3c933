import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import { Fault, JsonService } from "./json-service.js";

const IV = 12;
const TAG = 16;
const ID = 36;

/** As much of KMS as wraps data keys, with real AES-GCM: a ciphertext that was changed, or has another context, fails. */
export async function startFakeKms() {
  const keys = new Map<string, Buffer>();
  const keyOf = (given: unknown) => {
    const id = String(given).replace(/^.*:key\//, "");
    const key = keys.get(id);
    if (key === undefined) throw new Fault("NotFoundException", `Key '${id}' does not exist`);
    return { id, key };
  };
  const context = (given: unknown) => Buffer.from(JSON.stringify(given ?? {}));

  const service = await JsonService.start({
    GenerateDataKey: ({ KeyId, KeySpec, EncryptionContext }) => {
      const { id, key } = keyOf(KeyId);
      if (KeySpec !== "AES_256") throw new Fault("ValidationException", "Another key spec");
      const [plaintext, iv] = [randomBytes(32), randomBytes(IV)];
      const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG });
      cipher.setAAD(context(EncryptionContext));
      const parts = [Buffer.from(id), iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
      const blob = Buffer.concat(parts).toString("base64");
      return { KeyId: arnOf(id), Plaintext: plaintext.toString("base64"), CiphertextBlob: blob };
    },
    Decrypt: ({ KeyId, CiphertextBlob, EncryptionContext }) => {
      const blob = Buffer.from(String(CiphertextBlob), "base64");
      if (blob.length === 0 || blob.length > 6_144) throw new Fault("ValidationException", "1 to 6144 bytes");
      const wrapper = blob.subarray(0, ID).toString("latin1");
      const key = keys.get(wrapper);
      if (key === undefined || blob.length < ID + IV + TAG) throw new Fault("InvalidCiphertextException");
      if (KeyId !== undefined && keyOf(KeyId).id !== wrapper) throw new Fault("IncorrectKeyException");
      const decipher = createDecipheriv("aes-256-gcm", key, blob.subarray(ID, ID + IV), { authTagLength: TAG });
      decipher.setAAD(context(EncryptionContext));
      decipher.setAuthTag(blob.subarray(-TAG));
      try {
        const plaintext = Buffer.concat([decipher.update(blob.subarray(ID + IV, -TAG)), decipher.final()]);
        return { KeyId: arnOf(wrapper), Plaintext: plaintext.toString("base64") };
      } catch {
        throw new Fault("InvalidCiphertextException");
      }
    },
  });
  const addKey = () => {
    const id = randomUUID();
    keys.set(id, randomBytes(32));
    return id;
  };
  return { service, addKey };
}

export function arnOf(id: string): string {
  return `arn:aws:kms:eu-central-1:123456789012:key/${id}`;
}
