import { describeVault } from "@punctual/core/conformance";
import { MemoryClock, MemoryDataKeys, SeededRng } from "@punctual/core/memory";
import { EnvelopeVault } from "../../src/secrets/envelope-vault.js";

describeVault("EnvelopeVault", {
  otherKey: true,
  open: () => {
    const rng = new SeededRng(7);
    const kept = new Map<string, Uint8Array>();
    const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
    const vault = (dataKeys: MemoryDataKeys) => new EnvelopeVault({ dataKeys, clock });
    const again = () => vault(new MemoryDataKeys(rng, kept));
    return { vault: again(), again, other: () => vault(new MemoryDataKeys(rng)) };
  },
});
