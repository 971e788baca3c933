import { activeSecrets, type SigningSecret } from "@punctual/core";
import { MemoryClock, MemoryDataKeys, SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { EnvelopeVault } from "../../src/secrets/envelope-vault.js";
import { signatureOf } from "../../src/signing/sign.js";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const OVERLAPS = { "no overlap": 0, "one second": SECOND, "a day": DAY, "seven days": 7 * DAY };
const OWNER = "destination-1";
const BODIES = ['{"type":"birthday.greeting","data":{"name":"Ada"}}', '"é 😀 \u2028 \ud800"', " {}\n"];

describe("what is signed during a rotation", () => {
  let verified = 0;
  after(() =>
    console.log(`    ${verified} requests during rotations were judged by both libraries, all as they should`),
  );

  /** The old secret, and a destination's secrets from the rotation on. */
  const setup = async (rotatedAt: number, overlapMs: number) => {
    const clock = new MemoryClock(new Date(rotatedAt));
    const vault = new EnvelopeVault({ dataKeys: new MemoryDataKeys(new SeededRng(7)), clock });
    const [old, fresh] = [await vault.make(OWNER), await vault.make(OWNER)];
    const before = [{ id: "old", sealed: old.sealed, createdAt: new Date(rotatedAt - DAY), expiresAt: null }];
    const after: readonly SigningSecret[] = [
      { id: "fresh", sealed: fresh.sealed, createdAt: new Date(rotatedAt), expiresAt: null },
      ...before.map((secret) => ({ ...secret, expiresAt: new Date(rotatedAt + overlapMs) })),
    ];
    /** The headers of a request at this time. */
    const headersAt = async (now: number, body: string) => {
      const active = activeSecrets({ secrets: now < rotatedAt ? before : after }, new Date(now));
      const secrets = await Promise.all(active.map(({ sealed }) => vault.open(sealed, OWNER)));
      const timestamp = Math.floor(now / SECOND);
      const signature = signatureOf({ id: "event-1", timestamp, body }, secrets);
      return { "webhook-id": "event-1", "webhook-timestamp": `${timestamp}`, "webhook-signature": signature };
    };
    return { old: old.secret, fresh: fresh.secret, headersAt };
  };

  for (const [name, overlapMs] of Object.entries(OVERLAPS)) {
    it(`verifies by the old secret until it expires and by the new one from its creation: ${name}`, async () => {
      const rotatedAt = Date.UTC(2030, 0, 1, 12, 0, 0, 123);
      const expiresAt = rotatedAt + overlapMs;
      const { old, fresh, headersAt } = await setup(rotatedAt, overlapMs);
      for (const now of instantsAround(rotatedAt, expiresAt)) {
        for (const body of BODIES) {
          const headers = await headersAt(now, body);
          const when = `${now - rotatedAt} ms after the rotation, ${now - expiresAt} ms after the expiry`;
          expect(verdicts(now, old, body, headers), `old, ${when}`).to.deep.equal(both(now < expiresAt));
          expect(verdicts(now, fresh, body, headers), `new, ${when}`).to.deep.equal(both(now >= rotatedAt));
          verified++;
        }
      }
    });
  }

  it("never fails a receiver that changes its secret at any time of the overlap", async () => {
    const times = fc.record({
      rotatedAt: fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2040, 0) }),
      overlapMs: fc.integer({ min: 1, max: 7 * DAY }),
      switched: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      asked: fc.array(fc.double({ min: -0.5, max: 1.5, noNaN: true }), { minLength: 5, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.string({ unit: "binary" }),
        async ({ rotatedAt, overlapMs, switched, asked }, body) => {
          const { old, fresh, headersAt } = await setup(rotatedAt, overlapMs);
          const at = (share: number) => Math.floor(rotatedAt + share * overlapMs);
          for (const now of [...asked.map(at), at(switched) - 1, at(switched), at(switched) + 1]) {
            const known = now < at(switched) ? old : fresh;
            expect(verdicts(now, known, body, await headersAt(now, body))).to.deep.equal(both(true));
            verified++;
          }
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});

function instantsAround(...boundaries: readonly number[]): readonly number[] {
  const close = boundaries.flatMap((at) => [-SECOND, -1, 0, 1, SECOND].map((off) => at + off));
  const [from = 0, to = 0] = [boundaries[0], boundaries.at(-1)];
  const between = Array.from({ length: 21 }, (_, step) => Math.floor(from + ((to - from) * step) / 20));
  return [...new Set([...close, ...between])].sort((one, other) => one - other);
}

type Headers = Readonly<Record<string, string>>;

const both = (genuine: boolean) => ({ standardwebhooks: genuine, svix: genuine });

/** What both libraries say to a receiver that knows one secret, at a time. Both read the clock of the machine. */
function verdicts(now: number, secret: string, body: string, headers: Headers): ReturnType<typeof both> {
  const { now: machine } = Date;
  Date.now = () => now;
  try {
    return {
      standardwebhooks: passes(() => new Webhook(secret).verify(body, headers, { jsonParse: false })),
      svix: passes(() => new SvixWebhook(secret).verify(body, headers)),
    };
  } finally {
    Date.now = machine;
  }
}

function passes(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch (error) {
    if ((error as Error).message === "No matching signature found") return false;
    throw error;
  }
}
