import { describeSignatures } from "../../src/conformance/signatures.suite.js";
import { SeededRng } from "../../src/memory/chance.js";
import { MemorySignatures, toySignatureOf } from "../../src/memory/signatures.js";
import { MemoryVault } from "../../src/memory/vault.js";

describeSignatures("MemorySignatures", {
  open: () => {
    const vault = new MemoryVault(new SeededRng(7));
    return { signatures: new MemorySignatures(vault), vault, sign: toySignatureOf };
  },
});
