import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { crc32c } from "../../src/secrets/crc32c.js";
import { Fault, restService } from "./rest-service.js";

const IV = 12;
const TAG = 16;
const RING = "projects/example-project/locations/europe-west3/keyRings/punctual/cryptoKeys";

/** As much of Cloud KMS as seals and opens, with real AES-GCM: what was changed, or has another context, fails. */
export async function startFakeKms() {
  const keys = new Map<string, Buffer>();
  /** Changes what is answered, as a fault on the way would. */
  const state: { garble: (answer: Record<string, unknown>) => object } = { garble: (answer) => answer };
  const checked = (input: Readonly<Record<string, unknown>>, field: string): Buffer => {
    const given = input[field];
    const bytes = Buffer.from(typeof given === "string" ? given : "", "base64");
    const sum = input[`${field}Crc32c`];
    if (sum !== undefined && Number(sum) !== crc32c(bytes)) {
      throw new Fault(
        "INVALID_ARGUMENT",
        `The checksum in field ${field}_crc32c did not match the data in field ${field}.`,
      );
    }
    return bytes;
  };
  const service = await restService(({ path, input }) => {
    const [, name = "", action] = /^\/v1\/(.+):(encrypt|decrypt)$/.exec(path) ?? [];
    const key = keys.get(name);
    if (key === undefined) throw new Fault("NOT_FOUND", `CryptoKey ${name} not found.`);
    const context = checked(input, "additionalAuthenticatedData");
    if (action === "encrypt") {
      const [plaintext, iv] = [checked(input, "plaintext"), randomBytes(IV)];
      const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG }).setAAD(context);
      const parts = [markOf(name), iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
      const ciphertext = Buffer.concat(parts);
      return state.garble({
        name: `${name}/cryptoKeyVersions/1`,
        ...{ ciphertext: ciphertext.toString("base64"), ciphertextCrc32c: String(crc32c(ciphertext)) },
        ...{ verifiedPlaintextCrc32c: true, verifiedAdditionalAuthenticatedDataCrc32c: true },
      });
    }
    const sealed = checked(input, "ciphertext");
    const mark = markOf(name);
    if (sealed.length < mark.length + IV + TAG || !sealed.subarray(0, mark.length).equals(mark)) {
      throw new Fault("INVALID_ARGUMENT", "Decryption failed: verify that 'name' refers to the correct CryptoKey.");
    }
    const iv = sealed.subarray(mark.length, mark.length + IV);
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG }).setAAD(context);
    decipher.setAuthTag(sealed.subarray(-TAG));
    let plaintext: Buffer;
    try {
      plaintext = Buffer.concat([decipher.update(sealed.subarray(mark.length + IV, -TAG)), decipher.final()]);
    } catch {
      throw new Fault("INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.");
    }
    return state.garble({ plaintext: plaintext.toString("base64"), plaintextCrc32c: String(crc32c(plaintext)) });
  });
  let made = 0;
  const addKey = () => {
    const name = `${RING}/key-${++made}`;
    keys.set(name, randomBytes(32));
    return name;
  };
  return { ...service, addKey, garble: (how: typeof state.garble) => void (state.garble = how) };
}

/** By which a ciphertext tells what has made it. */
function markOf(name: string): Buffer {
  return createHash("sha256").update(name).digest().subarray(0, 8);
}
