import { startEmbedded } from "@punctual/adapter-postgres/server";
import { expect } from "chai";
import { createHmac } from "node:crypto";
import { readArguments } from "../src/installed/options.js";
import { type Otherwise, type Passed, proxyBefore, startPlatform, visit } from "./support/platform.js";

describe("readArguments", () => {
  it("reads where, who, and what may be done", () => {
    const args = [
      "--url",
      "https://a.example",
      "--receiver",
      "https://b.example/hook",
      "--token-env",
      "T",
      "--read-only",
    ];
    expect(readArguments([...args, "--secret-env", "S", "--within", "5"])).to.deep.equal({
      ...{ url: "https://a.example", receiver: "https://b.example/hook", tokenEnv: "T", secretEnv: "S" },
      ...{ readOnly: true, withinMs: 5_000 },
    });
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /--url says which/],
    [["--url", "punctual.example"], /is no URL/],
    [["--url", "ftp://a.example"], /is no URL/],
    [["--url", "https://me:hush@a.example"], /without a user/],
    [["--url", "https://a.example", "--receiver", "b"], /b is no URL/],
    [["--url", "https://a.example", "--within", "soon"], /--within/],
    [["--url", "https://a.example", "--token", "hush"], /--token/],
  ];
  for (const [args, why] of wrong)
    it(`says what is wrong with ${args.join(" ")}`, () => {
      expect(readArguments(args)).to.match(why);
    });
});

const ERROR: Passed = { status: 500, body: Buffer.from('{"code":"internal"}') };

describe("an installation that is visited", function () {
  this.timeout(90_000);
  const ends: (() => Promise<void>)[] = [];
  let url = "";
  before(async () => {
    const platform = await startPlatform();
    ends.push(platform.end);
    ({ url } = platform);
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const linesOf = (lines: readonly string[], sign: string) => lines.filter((line) => line.startsWith(sign));
  const left = async (at = url, headers: Readonly<Record<string, string>> = {}) => {
    const all = await Promise.all(
      ["schedules", "destinations"].map(async (what) => (await fetch(`${at}/v1/${what}`, { headers })).json()),
    );
    return all.flatMap((one) => (one as { readonly items: readonly unknown[] }).items);
  };
  const broken = async (how: Otherwise) => {
    const proxy = await proxyBefore(url, how);
    ends.push(proxy.close);
    return proxy.url;
  };

  /** Its API answers, and nobody delivers. */
  const withoutWorkers = async () => {
    const server = await startEmbedded({ durable: false });
    ends.push(async () => server.stop());
    const keys = Buffer.alloc(32, 7).toString("base64");
    const idle = await startPlatform({
      ...{ PUNCTUAL_DATABASE_URL: server.url, PUNCTUAL_MIGRATE: "true", PUNCTUAL_ROLES: "api" },
      ...{ PUNCTUAL_SECRET_KEYS: keys },
    });
    ends.push(idle.end);
    return idle;
  };

  it("passes the smoke test, and keeps nothing of it", async () => {
    const { code, lines } = await visit("smoke", ["--url", url]);
    expect(linesOf(lines, "BROKEN")).to.deep.equal([]);
    expect(lines.join("\n")).to.match(/held +it arrived once, signed +attempt 1/);
    expect(JSON.parse(lines.at(-1) ?? "")).to.deep.equal({ trial: "smoke", url, held: true });
    expect([code, await left()]).to.deep.equal([0, []]);
  });

  it("is changed by nothing where it is only to be read", async () => {
    const asked: string[] = [];
    const seen = await broken({ otherwise: (what, answer) => (asked.push(what), answer) });
    const { code, lines } = await visit("smoke", ["--url", seen, "--read-only"]);
    expect([code, linesOf(lines, "BROKEN")]).to.deep.equal([0, []]);
    expect(asked.length).to.be.greaterThan(5);
    expect(asked.filter((what) => !what.startsWith("GET "))).to.deep.equal([]);
  });

  it("passes the journeys of its users, and keeps nothing of them", async () => {
    const { code, lines } = await visit("e2e", ["--url", url]);
    expect(linesOf(lines, "BROKEN")).to.deep.equal([]);
    expect(linesOf(lines, "held").length).to.be.greaterThan(12);
    expect([code, await left()]).to.deep.equal([0, []]);
  });

  it("fails where it answers 500, and says to what", async () => {
    const at = await broken({ instead: (what) => (what === "POST /v1/schedules" ? ERROR : undefined) });
    const { code, lines } = await visit("smoke", ["--url", at]);
    expect(code).to.equal(1);
    expect(linesOf(lines, "BROKEN")[0]).to.match(
      /a schedule is made +POST \/v1\/schedules answered 500 internal, not 201/,
    );
    expect(lines.join("\n")).to.match(/- +its event is delivered +not asked/);
    expect(await left()).to.deep.equal([]);
  });

  it("is rid of what it made, though it said that it had not", async () => {
    let times = 0;
    const lost = (what: string, answer: Passed) => (what === "POST /v1/schedules" && ++times === 1 ? ERROR : answer);
    const { code, lines } = await visit("smoke", ["--url", await broken({ otherwise: lost })]);
    expect([code, linesOf(lines, "BROKEN").length]).to.deep.equal([1, 1]);
    expect(lines.join("\n")).to.match(/held +what was made is gone +2 removed/);
    expect(await left()).to.deep.equal([]);
  });

  it("fails journeys where it answers 500, and goes on with the next", async () => {
    const at = await broken({ instead: (what) => (/^PATCH |import$/.test(what) ? ERROR : undefined) });
    const { code, lines } = await visit("e2e", ["--url", at]);
    expect(code).to.equal(1);
    expect(linesOf(lines, "BROKEN").map((line) => /BROKEN +(\w+):/.exec(line)?.[1])).to.deep.equal([
      "change",
      "import",
      "redrive",
    ]);
    expect(await left()).to.deep.equal([]);
  });

  it("fails where nothing is ever delivered", async () => {
    const idle = await withoutWorkers();
    const { code, lines } = await visit("smoke", ["--url", idle.url, "--within", "4"]);
    expect(code).to.equal(1);
    expect(linesOf(lines, "BROKEN").join("\n")).to.match(
      /^BROKEN +its event is delivered +not delivered within 4 s: PENDING$/,
    );
    expect(await left(idle.url)).to.deep.equal([]);
  });

  it("fails where the receiver refuses", async () => {
    const { code, lines } = await visit("smoke", ["--url", url, "--receiver", `${url}/nowhere`]);
    expect(code).to.equal(1);
    expect(linesOf(lines, "BROKEN").join("\n")).to.match(/it ended FAILED rejected, the receiver: 404$/);
  });

  it("fails where what arrives is signed with another secret", async () => {
    const forge = (what: string, answer: Passed): Passed => {
      if (what !== "GET /inbox") return answer;
      const text = answer.body.toString().replaceAll(/"signature":"v1,./g, '"signature":"v1,!');
      return { ...answer, body: Buffer.from(text) };
    };
    const at = await broken({ otherwise: forge });
    const { code, lines } = await visit("smoke", ["--url", at]);
    expect(code).to.equal(1);
    expect(linesOf(lines, "BROKEN").join("\n")).to.match(/it arrived once, signed +its signature does not verify/);
  });

  it("fails where something is missing of what its rules say", async () => {
    const otherwise = (what: string, answer: Passed): Passed =>
      what.startsWith("GET /v1/reconcile")
        ? { ...answer, body: Buffer.from(answer.body.toString().replace('"difference":0', '"difference":1')) }
        : answer;
    const at = await broken({ otherwise });
    const { code, lines } = await visit("smoke", ["--url", at, "--read-only"]);
    expect([code, linesOf(lines, "BROKEN").length]).to.deep.equal([1, 1]);
    expect(lines.join("\n")).to.contain("a difference of 1");
  });

  it("is left as it was by whoever is interrupted", async () => {
    const far = await withoutWorkers();
    const { code, lines } = await visit("smoke", ["--url", far.url], {
      meanwhile: (line, child) => {
        if (/a schedule is made/.test(line)) child.kill("SIGINT");
      },
    });
    expect(lines.join("\n")).to.match(/its event is delivered +interrupted[^]*held +what was made is gone +2 removed/);
    expect([code, await left(far.url)]).to.deep.equal([130, []]);
  });

  it("is entered with a token, and lets in nobody without", async () => {
    const [secret, iss, aud] = ["s".repeat(32), "punctual.local", "punctual"];
    const guarded = await startPlatform({
      ...{
        PUNCTUAL_AUTH: "secret",
        PUNCTUAL_AUTH_SECRET: secret,
        PUNCTUAL_AUTH_ISSUER: iss,
        PUNCTUAL_AUTH_AUDIENCE: aud,
      },
      ...{ PUNCTUAL_ALLOW: "127.0.0.0/8", PUNCTUAL_SECRET_KEYS: Buffer.alloc(32, 7).toString("base64") },
    });
    ends.push(guarded.end);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1_000) + 600;
    const claims = { iss, aud, exp, sub: "smoke", tenant: "main", roles: ["admin"] };
    const text = `${part({ alg: "HS256" })}.${part(claims)}`;
    const token = `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;

    const without = await visit("smoke", ["--url", guarded.url]);
    expect(linesOf(without.lines, "BROKEN").join()).to.match(/GET \/health answered 401/);
    const unset = await visit("smoke", ["--url", guarded.url, "--token-env", "TOKEN"]);
    expect([unset.code, unset.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && /TOKEN is not/.test(err),
    );

    const args = ["--url", guarded.url, "--token-env", "TOKEN"];
    const none = await visit("smoke", args, { env: { TOKEN: token } });
    expect(linesOf(none.lines, "BROKEN").join()).to.match(/it has no receiver of its own: --receiver says/);
    // Another installation's receiver serves as one that somebody runs.
    const given = await visit("smoke", [...args, "--receiver", `${url}/inbox`], { env: { TOKEN: token } });
    expect([given.code, linesOf(given.lines, "BROKEN")]).to.deep.equal([0, []]);
    expect(given.lines.join("\n")).to.match(/held +it lets in nobody without a token +401/);
    expect(given.lines.join("\n")).to.match(/- +it arrived once, signed +not asked/);
    expect([...given.lines, given.err].join("\n")).not.to.contain(token);
    expect(await left(guarded.url, { authorization: `Bearer ${token}` })).to.deep.equal([]);
  });
});
