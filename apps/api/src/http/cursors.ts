import { InvalidInput } from "@punctual/core";
import { createHmac, timingSafeEqual } from "node:crypto";

const MAC_BYTES = 16;

/** Where a list goes on, as a text that only we can make: it fits one tenant, one list and one filter. */
export class Cursors {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** `list` names the list with its filter and whose it is. */
  write(list: string, place: string): string {
    const text = Buffer.from(place, "utf8");
    return Buffer.concat([this.#mac(list, text), text]).toString("base64url");
  }

  read(list: string, cursor: string, pointer = "/cursor"): string {
    const bytes = Buffer.from(cursor, "base64url");
    const [mac, text] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES)];
    // Base64 has several spellings for one sequence of bytes: there is only one that we wrote.
    const ours = bytes.toString("base64url") === cursor && mac.length === MAC_BYTES;
    if (!ours || !timingSafeEqual(mac, this.#mac(list, text))) {
      const message = "Is not a cursor of this list with this filter";
      throw new InvalidInput([{ pointer, code: "bad_cursor", message }]);
    }
    return text.toString("utf8");
  }

  #mac(list: string, text: Buffer): Buffer {
    const hmac = createHmac("sha256", this.#key).update(JSON.stringify(list)).update("\n").update(text);
    return hmac.digest().subarray(0, MAC_BYTES);
  }
}
