import { describeDataKeys } from "../../src/conformance/data-keys.suite.js";
import { SeededRng } from "../../src/memory/chance.js";
import { MemoryDataKeys } from "../../src/memory/data-keys.js";

describeDataKeys("MemoryDataKeys", {
  otherKey: true,
  open: () => {
    const rng = new SeededRng(7);
    const kept = new Map<string, Uint8Array>();
    return {
      keys: new MemoryDataKeys(rng, kept),
      again: () => new MemoryDataKeys(rng, kept),
      other: () => new MemoryDataKeys(rng),
    };
  },
});
