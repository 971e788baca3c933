import { type Destination, DESTINATION_DEFAULTS, type SignedMessage, Unavailable, type Vault } from "@punctual/core";
import { MemoryVault, SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { signatureOf } from "../../src/signing/sign.js";
import { StandardSignatures } from "../../src/signing/standard-signatures.js";

const NOW = new Date("2030-01-01T12:00:00Z");
const MESSAGE = { id: "event-1", timestamp: NOW.getTime() / 1_000, body: '{"done":true}' };

describe("StandardSignatures", () => {
  /** `opened` counts; a sealed text that `away` names cannot be opened for now. */
  const setup = async (count = 1) => {
    const right = new MemoryVault(new SeededRng(7));
    const made = await Promise.all(Array.from({ length: count }, () => right.make("destination-1")));
    const state = { opened: 0, away: new Set<string>() };
    const vault: Vault = {
      make: (owner) => right.make(owner),
      seal: (secret, owner) => right.seal(secret, owner),
      open: async (sealed, owner) => {
        state.opened++;
        if (state.away.has(sealed)) throw new Unavailable("The vault is away");
        return right.open(sealed, owner);
      },
    };
    const secrets = made.map(({ sealed }, index) => ({ id: `${index}`, sealed, createdAt: NOW, expiresAt: null }));
    const destination = destinationWith(secrets);
    const signatures = new StandardSignatures({ vault });
    const genuine = (message: SignedMessage) => signatures.genuine(message, destination, NOW);
    const signed = (secret = made[0]?.secret ?? ""): SignedMessage => {
      return { ...MESSAGE, timestamp: `${MESSAGE.timestamp}`, signature: signatureOf(MESSAGE, [secret]) };
    };
    return { genuine, signed, made, state };
  };

  it("takes what the library signs", async () => {
    const { genuine, made } = await setup();
    const { id, body } = MESSAGE;
    const signature = new Webhook(made[0]?.secret ?? "").sign(id, NOW, body);
    expect(await genuine({ id, timestamp: `${MESSAGE.timestamp}`, signature, body })).to.equal(true);
  });

  it("throws while the vault is away", async () => {
    const { genuine, signed, made, state } = await setup();
    const message = signed();
    state.away.add(made[0]?.sealed ?? "");
    const failure = await genuine(message).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Unavailable);
    state.away.clear();
    expect(await genuine(message)).to.equal(true);
  });

  it("takes what one secret signed though another cannot be opened, and throws for all else", async () => {
    const { genuine, signed, made, state } = await setup(2);
    state.away.add(made[0]?.sealed ?? "");
    expect(await genuine(signed(made[1]?.secret))).to.equal(true);
    expect(await genuine(signed(made[0]?.secret)).catch((error: unknown) => error)).to.be.instanceOf(Unavailable);
  });

  it("asks the vault for nothing where the message cannot be genuine", async () => {
    const { genuine, signed, state } = await setup();
    const message = signed();
    const hopeless: readonly Partial<SignedMessage>[] = [
      ...[{ id: null }, { id: "a.b" }, { timestamp: null }, { timestamp: "1614265330" }, { timestamp: "now" }],
      ...[{ signature: null }, { signature: "" }, { signature: "v2,AAAA v1a,AAAA" }],
    ];
    for (const wrong of hopeless) expect(await genuine({ ...message, ...wrong })).to.equal(false);
    expect(state.opened).to.equal(0);
  });

  it("reads a time in one form", async () => {
    const { genuine, signed } = await setup();
    const time = MESSAGE.timestamp;
    for (const timestamp of [
      ` ${time}`,
      `${time} `,
      `+${time}`,
      `0${time}`,
      `${time}.0`,
      `${time}e0`,
      `0x${time.toString(16)}`,
    ]) {
      expect(await genuine({ ...signed(), timestamp }), timestamp).to.equal(false);
    }
  });

  it("looks at sixteen signatures, and counts no other version", async () => {
    const { genuine, signed } = await setup();
    const message = signed();
    const behind = (count: number, one: string) =>
      genuine({ ...message, signature: `${`${one} `.repeat(count)}${message.signature}` });
    expect(await behind(15, "v1,AAAA")).to.equal(true);
    expect(await behind(16, "v1,AAAA")).to.equal(false);
    expect(await behind(1_000, "v1a,AAAA")).to.equal(true);
  });

  it("says no to whatever else there is", async () => {
    const { genuine, signed } = await setup();
    const right = signed();
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("v1,", `${MESSAGE.timestamp}`, MESSAGE.id, right.signature ?? "", "v1,A v1,B", " "),
      fc.array(fc.constantFrom("v1", "v1a", ",", " ", "A=", ".", "0", "\ud800")).map((parts) => parts.join("")),
    );
    const header = fc.option(text);
    const message = fc.record({ id: header, timestamp: header, signature: header, body: text });
    await fc.assert(
      fc.asyncProperty(message, async (message) => {
        expect(await genuine(message)).to.equal(false);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });

  it("says no where one thing is another", async () => {
    const { genuine, signed } = await setup();
    const right = signed();
    const name = fc.constantFrom("id", "timestamp", "signature", "body");
    const other = fc.oneof(fc.string({ unit: "binary" }), fc.nat().map(String));
    await fc.assert(
      fc.asyncProperty(name, other, async (name, other) => {
        expect(await genuine({ ...right, [name]: other })).to.equal(other === right[name as "id"]);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });
});

function destinationWith(secrets: Destination["secrets"]): Destination {
  return {
    ...DESTINATION_DEFAULTS,
    id: "destination-1",
    tenant: "main",
    url: "https://receiver.example/",
    headers: {},
    ratePerSecond: null,
    concurrency: null,
    ackWithinMs: null,
    secrets,
    enabled: true,
    disabledBecause: null,
    inline: false,
    revision: 1,
    createdAt: NOW,
    updatedAt: NOW,
  };
}
