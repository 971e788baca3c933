import { createHash } from "node:crypto";
import { type Answered, type Asked, Fault, type Service } from "./cloud.js";

/** S3, one bucket of it: objects, and the conditions on which they are written. */
export class FakeS3 implements Service {
  readonly #objects = new Map<string, { readonly body: string; readonly tag: string }>();
  /** Another write of the same object is under way, for as many requests. */
  conflicts = 0;

  route = ({ method, path, body, headers }: Asked): Answered | undefined => {
    if (!path.startsWith("/journal/")) return undefined;
    const known = this.#objects.get(path);
    if (method === "PUT") {
      if (this.conflicts-- > 0) throw new Fault("ConditionalRequestConflict", "in conflict", 409);
      const { "if-match": match, "if-none-match": none } = headers;
      if (match !== undefined && known === undefined) throw new Fault("NoSuchKey", "none", 404);
      if ((none === "*" && known !== undefined) || (match !== undefined && match !== known?.tag)) {
        throw new Fault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
      }
      const tag = `"${createHash("md5").update(body).digest("hex")}"`;
      this.#objects.set(path, { body, tag });
      return { body: "", headers: { etag: tag } };
    }
    if (known === undefined) throw new Fault("NoSuchKey", "The specified key does not exist.", 404);
    return { body: known.body, headers: { etag: known.tag, "content-type": "application/json" } };
  };
}
