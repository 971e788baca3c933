import type { Asked } from "../world.js";
import { type Fields, uuidOf } from "./made-up.js";

/** What `@pulumi/random` makes, without any chance: the right size is what others look at. */
export function randomOutputs(asked: Asked): Fields | undefined {
  const size = Number(asked.inputs["length"] ?? asked.inputs["byteLength"] ?? 0);
  const bytes = Buffer.alloc(size, 0xa5);
  const text = "Aa1".repeat(size).slice(0, size);
  switch (asked.type) {
    case "random:index/randomPassword:RandomPassword":
      return { id: "none", result: text, bcryptHash: `$2a$10$${"a".repeat(53)}` };
    case "random:index/randomString:RandomString":
      return { id: text, result: text };
    case "random:index/randomBytes:RandomBytes":
      return { id: bytes.toString("base64"), base64: bytes.toString("base64"), hex: bytes.toString("hex") };
    case "random:index/randomId:RandomId":
      return {
        id: bytes.toString("base64url"),
        hex: bytes.toString("hex"),
        b64Std: bytes.toString("base64"),
        b64Url: bytes.toString("base64url"),
        dec: BigInt(`0x0${bytes.toString("hex")}`).toString(),
      };
    case "random:index/randomUuid:RandomUuid":
      return { id: uuidOf(asked), result: uuidOf(asked) };
    default:
      return undefined;
  }
}
