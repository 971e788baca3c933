import { describeSignatures } from "@punctual/core/conformance";
import { MemoryVault, SeededRng } from "@punctual/core/memory";
import { signatureOf } from "../../src/signing/sign.js";
import { StandardSignatures } from "../../src/signing/standard-signatures.js";

describeSignatures("StandardSignatures", {
  open: () => {
    const vault = new MemoryVault(new SeededRng(7));
    const sign = (message: Parameters<typeof signatureOf>[0], secret: string) => signatureOf(message, [secret]);
    return { signatures: new StandardSignatures({ vault }), vault, sign };
  },
});
