import { timingSafeEqual } from "node:crypto";
import { activeSecrets, type Destination, type SignedMessage, type Signatures, type Vault } from "@punctual/core";
import { signatureOf } from "./sign.js";

const TOLERANCE_MS = 300_000;
/** More are not looked at: whoever rotates secrets sends two. */
const MOST_SIGNATURES = 16;

/** Standard Webhooks, from the receiving end. It throws for a vault that is away, since that says nothing of the message. */
export class StandardSignatures implements Signatures {
  readonly #vault: Vault;

  constructor({ vault }: { readonly vault: Vault }) {
    this.#vault = vault;
  }

  async genuine(message: SignedMessage, destination: Destination, now: Date): Promise<boolean> {
    const { id, body } = message;
    const timestamp = secondsIn(message.timestamp);
    const signatures = signaturesIn(message.signature);
    if (id === null || id.includes(".") || signatures.length === 0) return false; // for the full stop see `signatureOf`
    if (!(Math.abs(now.getTime() - timestamp * 1_000) <= TOLERANCE_MS)) return false;

    const opening = activeSecrets(destination, now).map(({ sealed }) => this.#vault.open(sealed, destination.id));
    const opened = await Promise.allSettled(opening);
    for (const one of opened) {
      if (one.status === "rejected") continue; // another secret may do
      const right = signatureOf({ id, timestamp, body }, [one.value]);
      if (signatures.some((signature) => same(signature, right))) return true;
    }
    for (const one of opened) if (one.status === "rejected") throw one.reason;
    return false;
  }
}

/** NaN where it is no number as Standard Webhooks writes one. */
function secondsIn(header: string | null): number {
  return header !== null && /^(?:0|[1-9]\d{0,11})$/.test(header) ? Number(header) : NaN;
}

function signaturesIn(header: string | null): readonly string[] {
  const all = header?.split(" ") ?? [];
  return all.filter((one) => one.startsWith("v1,")).slice(0, MOST_SIGNATURES);
}

/** Compares the texts, not what they stand for: of some Base64 there are several forms. */
function same(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
