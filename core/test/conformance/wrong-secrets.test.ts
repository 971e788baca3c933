import { expect } from "chai";
import { describeDataKeys } from "../../src/conformance/data-keys.suite.js";
import { describeSignatures } from "../../src/conformance/signatures.suite.js";
import { describeVault } from "../../src/conformance/vault.suite.js";
import type { Destination } from "../../src/destinations/destination.js";
import { Unavailable } from "../../src/errors.js";
import { SeededRng } from "../../src/memory/chance.js";
import { MemoryDataKeys } from "../../src/memory/data-keys.js";
import { MemorySignatures, toySignatureOf } from "../../src/memory/signatures.js";
import { type KeptSecrets, MemoryVault } from "../../src/memory/vault.js";
import type { DataKeys } from "../../src/ports/data-keys.js";
import type { SignedMessage } from "../../src/ports/signatures.js";
import type { Vault } from "../../src/ports/vault.js";
import { failuresOf, promisesIn } from "./run-suite.js";

/** One case for each wrong adapter: its suite must name the promise that it breaks. */
function catches<W>(
  wrongs: readonly (readonly [wrong: string, promise: string, W])[],
  build: (wrong: W) => void,
): void {
  for (const [title, promise, wrong] of wrongs) {
    it(`catches one that ${title} (${promise})`, async () => {
      expect(promisesIn(await failuresOf(() => build(wrong)))).to.include(promise);
    });
  }
}

describe("the conformance suite of Vault", () => {
  type Wrong = (right: Vault) => Partial<Vault>;

  /** Its `make` seals as wrongly as its `seal`. */
  const spoilt = (wrong: Wrong, right: Vault): Vault => {
    const vault: Vault = {
      make: async (owner) => {
        const { secret } = await right.make(owner);
        return { secret, sealed: await vault.seal(secret, owner) };
      },
      seal: (secret, owner) => right.seal(secret, owner),
      open: (sealed, owner) => right.open(sealed, owner),
      ...wrong(right),
    };
    return vault;
  };
  const opening =
    (open: (opened: Promise<string>) => Promise<string>): Wrong =>
    (right) => ({ open: (sealed, owner) => open(right.open(sealed, owner)) });
  const owning =
    (change: (owner: string) => string): Wrong =>
    (right) => ({
      seal: (secret, owner) => right.seal(secret, change(owner)),
      open: (sealed, owner) => right.open(sealed, change(owner)),
    });
  /** Looks at something else than the sealed text that it was given. */
  const reading =
    (change: (sealed: string) => string): Wrong =>
    (right) => ({ open: (sealed, owner) => right.open(change(sealed), owner) });
  /** Adds to the sealed text what says more than it should. */
  const telling =
    (tell: (secret: string) => string): Wrong =>
    (right) => ({
      seal: async (secret, owner) => `${await right.seal(secret, owner)}/${tell(secret)}`,
      open: (sealed, owner) => right.open(sealed.slice(0, sealed.lastIndexOf("/")), owner),
    });
  const making =
    (make: (secret: string, round: number) => string): Wrong =>
    (right) => {
      let round = 0;
      return {
        make: async (owner) => {
          const secret = make((await right.make(owner)).secret, round++);
          return { secret, sealed: await right.seal(secret, owner) };
        },
      };
    };

  catches<Wrong>(
    [
      ["trims what it seals", "V1", (right) => ({ seal: (secret, owner) => right.seal(secret.trim(), owner) })],
      ["keeps what UTF-8 can write", "V1", opening(async (opened) => (await opened).toWellFormed())],
      [
        "knows what it sealed itself",
        "V1",
        (right) => {
          const own = new Set<string>();
          return {
            seal: async (secret, owner) => {
              const sealed = await right.seal(secret, owner);
              own.add(sealed);
              return sealed;
            },
            open: (sealed, owner) => right.open(own.has(sealed) ? sealed : "", owner),
          };
        },
      ],
      [
        "opens once",
        "V1",
        (right) => {
          const opened = new Set<string>();
          return {
            open: async (sealed, owner) => {
              const secret = await right.open(opened.has(sealed) ? "" : sealed, owner);
              opened.add(sealed);
              return secret;
            },
          };
        },
      ],
      [
        "answers all who ask at one time with one secret",
        "V1",
        (right) => {
          let asked: Promise<string> | null = null;
          return {
            open: (sealed, owner) => (asked ??= right.open(sealed, owner).finally(() => (asked = null))),
          };
        },
      ],
      [
        "knows no owner without a name",
        "V1",
        (right) => ({ open: (sealed, owner) => right.open(owner && sealed, owner) }),
      ],
      ["opens for anyone", "V2", owning(() => "anyone")],
      ["does not tell capitals apart", "V2", owning((owner) => owner.toLowerCase())],
      ["does not tell lone surrogates apart", "V2", owning((owner) => owner.toWellFormed())],
      ["opens what has more behind it", "V2", reading((sealed) => sealed.trimEnd())],
      ["takes what is cut for a bug", "V2", reading((sealed) => `${whole(sealed)}`)],
      ["opens what is all but right", "V2", telling(() => "unread")],
      ["opens in capitals too", "V2", reading((sealed) => sealed.toLowerCase())],
      ["answers with nothing", "V2", opening((opened) => opened.catch(() => ""))],
      [
        "says that it is away",
        "V2",
        opening((opened) =>
          opened.catch((cause: unknown) => {
            throw new Unavailable("away", { cause });
          }),
        ),
      ],
      ["writes the secret behind", "V3", telling((secret) => secret)],
      ["writes it in Base64 behind", "V3", telling((secret) => btoa(encodeURIComponent(secret)))],
      ["writes half of its key in hex behind", "V3", telling((secret) => hexOf(secret).slice(0, 32))],
      [
        "seals equal secrets equally",
        "V3",
        (right) => {
          const sealed = new Map<string, Promise<string>>();
          return {
            seal: (secret, owner) => {
              const key = JSON.stringify([secret, owner]);
              const known = sealed.get(key) ?? right.seal(secret, owner);
              sealed.set(key, known);
              return known;
            },
          };
        },
      ],
      ["makes each secret twice", "V4", making(everySecond())],
      ["makes them of 16 bytes", "V4", making((secret) => `whsec_${btoa(atob(secret.slice(6)).slice(0, 16))}`)],
      ["makes them of 16 random bytes and zeros", "V4", making((secret) => `${secret.slice(0, 27)}${"A".repeat(16)}=`)],
      ["counts", "V4", making((_, round) => `whsec_${btoa(`${round}`.padStart(32, "0"))}`)],
      ["leaves the prefix out", "V4", making((secret) => secret.slice(6))],
      ["writes URL-safe Base64", "V4", making((secret) => secret.replaceAll("+", "-").replaceAll("/", "_"))],
      [
        "seals another than it tells",
        "V4",
        (right) => ({
          make: async (owner) => ({
            secret: (await right.make(owner)).secret,
            sealed: (await right.make(owner)).sealed,
          }),
        }),
      ],
    ],
    (wrong) =>
      describeVault(
        "Wrong",
        vaultHarness((right) => spoilt(wrong, right)),
      ),
  );

  it("catches one whose key is everybody's (V2)", async () => {
    const kept: KeptSecrets = new Map();
    const open = () => new MemoryVault(new SeededRng(7), kept);
    const rng = new SeededRng(8);
    const harness = {
      otherKey: true,
      open: () => ({ vault: open(), again: open, other: () => new MemoryVault(rng, kept) }),
    };
    expect(promisesIn(await failuresOf(() => describeVault("Wrong", harness)))).to.include("V2");
  });

  function vaultHarness(wrap: (right: Vault) => Vault) {
    return {
      otherKey: true,
      open: () => {
        const rng = new SeededRng(7);
        const kept: KeptSecrets = new Map();
        return {
          vault: wrap(new MemoryVault(rng, kept)),
          again: () => wrap(new MemoryVault(rng, kept)),
          other: () => wrap(new MemoryVault(rng)),
        };
      },
    };
  }
});

describe("the conformance suite of DataKeys", () => {
  type Wrong = (right: DataKeys) => Partial<DataKeys>;
  type Given = Awaited<ReturnType<DataKeys["generate"]>>;

  const unwrapping =
    (unwrap: (unwrapped: Promise<Uint8Array>) => Promise<Uint8Array>): Wrong =>
    (right) => ({ unwrap: (wrapped) => unwrap(right.unwrap(wrapped)) });
  /** Gives other keys than the right one, and knows them again in every process. */
  const generating = (generate: (right: Given) => Given): Wrong => {
    const kept = new Map<string, Uint8Array>();
    return (right) => ({
      generate: async () => {
        const { key, wrapped } = generate(await right.generate());
        kept.set(wrapped.join(), key.slice());
        return { key, wrapped };
      },
      unwrap: async (wrapped) => kept.get(wrapped.join())?.slice() ?? right.unwrap(Uint8Array.of()),
    });
  };
  const twice = everySecond<Given>();

  catches<Wrong>(
    [
      ["unwraps another key", "Y1", unwrapping(async (unwrapped) => (await unwrapped).toReversed())],
      ["unwraps a part", "Y1", unwrapping(async (unwrapped) => (await unwrapped).slice(0, 16))],
      [
        "knows its own keys",
        "Y1",
        (right) => {
          const own = new Set<string>();
          return {
            generate: async () => {
              const made = await right.generate();
              own.add(made.wrapped.join());
              return made;
            },
            unwrap: (wrapped) => right.unwrap(own.has(wrapped.join()) ? wrapped : Uint8Array.of()),
          };
        },
      ],
      [
        "gives everybody the same bytes",
        "Y1",
        (right) => {
          const kept = new Map<string, Promise<Uint8Array>>();
          return {
            unwrap: (wrapped) => {
              const key = kept.get(wrapped.join()) ?? right.unwrap(wrapped);
              kept.set(wrapped.join(), key);
              return key;
            },
          };
        },
      ],
      ["looks at the first half", "Y2", halfBlind((wrapped) => wrapped.slice(0, 8))],
      ["looks at seven bits of each byte", "Y2", halfBlind((wrapped) => wrapped.map((byte) => byte & 0x7f))],
      [
        "takes what is cut for a bug",
        "Y2",
        (right) => ({ unwrap: (wrapped) => right.unwrap(Uint8Array.of(...whole(wrapped))) }),
      ],
      ["lets more stand behind", "Y2", (right) => ({ unwrap: (wrapped) => right.unwrap(wrapped.slice(0, 16)) })],
      ["makes a key of anything", "Y2", unwrapping((unwrapped) => unwrapped.catch(() => new Uint8Array(32)))],
      [
        "calls it a bug",
        "Y2",
        unwrapping((unwrapped) =>
          unwrapped.catch((cause: unknown) => {
            throw new TypeError("Unsupported state", { cause });
          }),
        ),
      ],
      ["gives each key twice", "Y3", generating(twice)],
      ["gives 16 bytes", "Y3", generating(({ key, wrapped }) => ({ key: key.slice(0, 16), wrapped }))],
      ["has 16 random bytes", "Y3", generating(({ key, wrapped }) => ({ key: key.fill(0, 16), wrapped }))],
      [
        "wraps in nothing",
        "Y3",
        generating(({ key, wrapped }) => ({ key, wrapped: Uint8Array.of(...wrapped, ...key) })),
      ],
      [
        "wraps in Base64",
        "Y3",
        generating(({ key }) => ({
          key,
          wrapped: Uint8Array.from(btoa(String.fromCharCode(...key)), (letter) => letter.charCodeAt(0)),
        })),
      ],
    ],
    (wrong) => {
      const wrap = (right: DataKeys): DataKeys => ({
        generate: () => right.generate(),
        unwrap: (wrapped) => right.unwrap(wrapped),
        ...wrong(right),
      });
      describeDataKeys("Wrong", dataKeysHarness(wrap));
    },
  );

  it("catches one whose key is everybody's (Y2)", async () => {
    const kept = new Map<string, Uint8Array>();
    const open = () => new MemoryDataKeys(new SeededRng(7), kept);
    const harness = { otherKey: true, open: () => ({ keys: open(), again: open, other: open }) };
    expect(promisesIn(await failuresOf(() => describeDataKeys("Wrong", harness)))).to.include("Y2");
  });

  /** Does not see all of a wrapped key. */
  function halfBlind(see: (wrapped: Uint8Array) => Uint8Array): Wrong {
    const seen = new Map<string, Uint8Array>();
    return (right) => ({
      generate: async () => {
        const made = await right.generate();
        seen.set(see(made.wrapped).join(), made.wrapped);
        return made;
      },
      unwrap: (wrapped) => right.unwrap(seen.get(see(wrapped).join()) ?? wrapped),
    });
  }

  function dataKeysHarness(wrap: (right: DataKeys) => DataKeys) {
    return {
      otherKey: true,
      open: () => {
        const rng = new SeededRng(7);
        const kept = new Map<string, Uint8Array>();
        return {
          keys: wrap(new MemoryDataKeys(rng, kept)),
          again: () => wrap(new MemoryDataKeys(rng, kept)),
          other: () => wrap(new MemoryDataKeys(rng)),
        };
      },
    };
  }
});

describe("the conformance suite of Signatures", () => {
  type Genuine = (message: SignedMessage, destination: Destination, now: Date) => Promise<boolean>;
  type Sign = typeof toySignatureOf;
  interface Wrong {
    readonly genuine?: (right: Genuine) => Genuine;
    /** How it signs, and how whoever has to do with it signs, too. */
    readonly sign?: (right: Sign) => Sign;
  }

  const asking = (
    change: (message: SignedMessage, destination: Destination, now: Date) => Parameters<Genuine>,
  ): Wrong => ({
    genuine:
      (right) =>
      (...asked) =>
        right(...change(...asked)),
  });
  const hearing = (change: (message: SignedMessage) => SignedMessage) =>
    asking((message, destination, now) => [change(message), destination, now]);
  /** Adds its own condition. */
  const refusing = (refuses: (message: SignedMessage, destination: Destination, now: Date) => boolean): Wrong => ({
    genuine:
      (right) =>
      async (...asked) =>
        !refuses(...asked) && right(...asked),
  });
  /** Holds what is signed for less than it is. */
  const signing = (change: (message: Parameters<Sign>[0]) => Parameters<Sign>[0]): Wrong => ({
    sign: (right) => (message, secret) => right(change(message), secret),
  });
  const secretsOf = (change: (secrets: Destination["secrets"], now: Date) => Destination["secrets"]) =>
    asking((message, destination, now) => [
      message,
      { ...destination, secrets: change(destination.secrets, now) },
      now,
    ]);
  const offBy = ({ timestamp }: SignedMessage, now: Date) => now.getTime() - Number(timestamp) * 1_000;

  catches<Wrong>(
    [
      ["knows the first secret", "G1", secretsOf((secrets) => secrets.slice(0, 1))],
      ["knows the last secret", "G1", secretsOf((secrets) => secrets.slice(-1))],
      ["knows secrets that do not expire", "G1", secretsOf((all) => all.filter(({ expiresAt }) => expiresAt === null))],
      [
        "lets secrets expire early",
        "G1",
        secretsOf((all, now) => all.filter((one) => +(one.expiresAt ?? Infinity) > +now + 1_000)),
      ],
      [
        "reads the first signature",
        "G1",
        hearing((one) => ({ ...one, signature: one.signature?.split(" ")[0] ?? null })),
      ],
      ["cannot bear other versions", "G1", refusing(({ signature }) => /v1a|v2/.test(signature ?? ""))],
      ["has a minute's patience", "G1", refusing((message, _, now) => Math.abs(offBy(message, now)) > 60_000)],
      ["cannot bear five minutes", "G1", refusing((message, _, now) => Math.abs(offBy(message, now)) >= 300_000)],
      ["takes JSON", "G1", refusing(({ body }) => !body.startsWith("{"))],
      ["trims the body", "G1", hearing((message) => ({ ...message, body: message.body.trim() }))],
      ["takes UUIDs", "G1", refusing(({ id }) => !/^[0-9a-f-]{36}$/.test(id ?? ""))],
      ["does not sign the id", "G2", signing((message) => ({ ...message, id: "" }))],
      ["does not sign the time", "G2", signing((message) => ({ ...message, timestamp: 0 }))],
      ["does not sign the body", "G2", signing((message) => ({ ...message, body: "" }))],
      ["signs what a body means", "G2", signing((message) => ({ ...message, body: meaningOf(message.body) }))],
      ["signs the beginning of a body", "G2", signing((message) => ({ ...message, body: message.body.slice(0, 16) }))],
      ["signs a body in its normal form", "G2", signing((message) => ({ ...message, body: message.body.normalize() }))],
      [
        "signs parts that can move",
        "G2",
        signing(({ id, timestamp, body }) => ({ id: "", timestamp: 0, body: `${id}.${timestamp}.${body}` })),
      ],
      ["knows no secret from another", "G2", { sign: (right) => (message) => right(message, "") }],
      ["takes an expired secret", "G2", secretsOf((secrets) => secrets.map((one) => ({ ...one, expiresAt: null })))],
      [
        "takes a secret in the millisecond in which it expires",
        "G2",
        secretsOf((secrets) =>
          secrets.map((one) => ({ ...one, expiresAt: one.expiresAt && new Date(+one.expiresAt + 1) })),
        ),
      ],
      [
        "does not ask for the time",
        "G2",
        asking((message, destination, now) => [message, destination, timeOf(message) ?? now]),
      ],
      [
        "takes what comes from the future",
        "G2",
        asking((message, destination, now) => {
          const at = timeOf(message);
          return [message, destination, at !== null && at > now ? at : now];
        }),
      ],
      [
        "counts whole seconds",
        "G2",
        asking((message, destination, now) => [message, destination, new Date(Math.floor(+now / 1_000) * 1_000)]),
      ],
      ["takes any version", "G2", hearing(eachSignature((one) => one.replace(/^v\w+,/i, "v1,")))],
      ["takes what has more behind it", "G2", hearing(eachSignature((one) => one.slice(0, 11)))],
      ["does not know capitals", "G2", hearing(eachSignature((one) => one.toLowerCase()))],
      [
        "fails for a missing header",
        "G3",
        {
          genuine: (right) => async (message, destination, now) => {
            if (message.id === null || message.timestamp === null || message.signature === null) {
              throw new TypeError("Missing required headers");
            }
            return right(message, destination, now);
          },
        },
      ],
      [
        "fails for an odd time",
        "G3",
        hearing((message) => {
          timeOf(message)?.toISOString();
          return message;
        }),
      ],
      [
        "fails for text that UTF-8 does not have",
        "G3",
        hearing((message) => {
          encodeURIComponent(`${message.id}${message.signature}${message.body}`);
          return message;
        }),
      ],
      [
        "fails where no code follows the version",
        "G3",
        hearing(
          eachSignature((one) => {
            const [version, code] = one.split(",");
            if (code === undefined) throw new TypeError("Cannot read properties of undefined");
            return `${version},${code}`;
          }),
        ),
      ],
      [
        "answers neither yes nor no",
        "G3",
        {
          genuine: (right) => async (message, destination, now) =>
            (message.timestamp ?? "") === "" ? (undefined as unknown as boolean) : right(message, destination, now),
        },
      ],
    ],
    ({ genuine = (right) => right, sign = (right) => right }) =>
      describeSignatures("Wrong", {
        open: () => {
          const vault = new MemoryVault(new SeededRng(7));
          const right = new MemorySignatures(vault, sign(toySignatureOf));
          return { signatures: { genuine: genuine(right.genuine.bind(right)) }, vault, sign: sign(toySignatureOf) };
        },
      }),
  );
});

/** Fails as a parser does that was not told the whole. */
function whole<T extends string | Uint8Array>(given: T): T {
  if (given.length > 0 && given.length < 12) throw new RangeError("Out of bounds");
  return given;
}

/** Gives what it was first given for the second, too; what it was given third for the fourth; and so on. */
function everySecond<T>(): (value: T) => T {
  let kept: { readonly value: T } | null = null;
  return (value) => {
    const answer = kept?.value ?? value;
    kept = kept === null ? { value } : null;
    return answer;
  };
}

function hexOf(text: string): string {
  return Buffer.from(text).toString("hex");
}

function eachSignature(change: (signature: string) => string): (message: SignedMessage) => SignedMessage {
  return (message) => ({ ...message, signature: message.signature?.split(" ").map(change).join(" ") ?? null });
}

function meaningOf(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}

function timeOf({ timestamp }: SignedMessage): Date | null {
  return timestamp === null ? null : new Date(Number(timestamp) * 1_000);
}
