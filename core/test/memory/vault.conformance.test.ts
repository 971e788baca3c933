import { describeVault } from "../../src/conformance/vault.suite.js";
import { SeededRng } from "../../src/memory/chance.js";
import { type KeptSecrets, MemoryVault } from "../../src/memory/vault.js";

describeVault("MemoryVault", {
  otherKey: true,
  open: () => {
    const rng = new SeededRng(7);
    const kept: KeptSecrets = new Map();
    return {
      vault: new MemoryVault(rng, kept),
      again: () => new MemoryVault(rng, kept),
      other: () => new MemoryVault(rng),
    };
  },
});
