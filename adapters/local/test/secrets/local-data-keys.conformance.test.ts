import { randomBytes } from "node:crypto";
import { describeDataKeys } from "@punctual/core/conformance";
import { LocalDataKeys, readKey } from "../../src/index.js";

describeDataKeys("LocalDataKeys", {
  otherKey: true,
  open: () => {
    const outer = randomBytes(32).toString("base64");
    return {
      keys: new LocalDataKeys(readKey(outer)),
      again: () => new LocalDataKeys(readKey(outer)),
      other: () => new LocalDataKeys(readKey(randomBytes(32).toString("base64"))),
    };
  },
});
