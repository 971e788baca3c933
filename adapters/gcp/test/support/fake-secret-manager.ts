import { crc32c } from "../../src/secrets/crc32c.js";
import { Fault, restService } from "./rest-service.js";

interface Version {
  readonly data: Buffer;
  state: "ENABLED" | "DISABLED" | "DESTROYED";
}

/** As much of Secret Manager as gives versions of secrets. */
export async function startFakeSecretManager() {
  const kept = new Map<string, Version[]>();
  const state = { badChecksum: false };
  const service = await restService(({ path }) => {
    const [, name = "", version = ""] =
      /^\/v1\/(projects\/[^/]+\/secrets\/[^/]+)\/versions\/([^/]+):access$/.exec(path) ?? [];
    const versions = kept.get(name);
    const number = version === "latest" ? (versions?.length ?? 0) : Number(version);
    const one = versions?.[number - 1];
    if (one === undefined) throw new Fault("NOT_FOUND", `Secret [${name}] not found or has no versions.`);
    const full = `${name}/versions/${number}`;
    if (one.state !== "ENABLED") {
      throw new Fault("FAILED_PRECONDITION", `Secret Version [${full}] is in ${one.state} state.`);
    }
    const checksum = crc32c(one.data) + (state.badChecksum ? 1 : 0);
    return { name: full, payload: { data: one.data.toString("base64"), dataCrc32c: String(checksum) } };
  });
  /** A new version, by the full name of its secret. */
  const put = (name: string, value: string | Buffer): Version => {
    const version: Version = { data: Buffer.from(value), state: "ENABLED" };
    kept.set(name, [...(kept.get(name) ?? []), version]);
    return version;
  };
  return { ...service, put, kept, spoil: () => void (state.badChecksum = true) };
}
