/*
 * Whoever is woken at night follows docs/runbooks to the letter: what stands there has to be there. Every alarm leads to a page; commands
 * and options are those of the programs, SQL runs on the tables, metrics are measured, and names of resources are those of the plans.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { OBJECTIVES, RUNBOOKS } from "@punctual/stack-blueprint";
import { expect } from "chai";
import pg from "pg";
import { EMF_METRICS } from "../../adapters/aws/dist/src/telemetry/emf-metrics.js";
import { POSTGRES_DEFAULTS } from "../../adapters/postgres/dist/src/config.js";
import { migrateUp } from "../../adapters/postgres/dist/src/migrate.js";
import { startEmbedded } from "../../adapters/postgres/dist/src/server/index.js";
import { instrumentsOf } from "../../adapters/telemetry/dist/src/metrics/instruments.js";
import { reason } from "../../apps/api/dist/src/contract/event.js";
import { contract } from "../../apps/api/dist/src/contract/index.js";
import { runProgram } from "../../apps/cli/dist/src/program.js";
import { readArguments } from "../../trials/dist/src/installed/options.js";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, "docs/runbooks");

const RELEASE = "../../stacks/release/dist/src/cli/help.js";
const PARTS = ["Is it this?", "Do", "Over when", "Objective", "Afterwards"];
/** Made by the page itself. */
const MADE = ["restored", "before-down"];

const pages = new Map();
for (const file of await readdir(folder))
  pages.set(file.replace(/\.md$/, ""), await readFile(join(folder, file), "utf8"));
const runbooks = [...pages].filter(([name]) => name !== "README");

const blocksOf = (page, language) =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, one]) => one === language).map(([, , body]) => body);
const proseOf = (page) => page.replaceAll(/^```\w+\n[\s\S]*?^```$/gm, "");
const codesIn = (page) => [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);

/** Lines of the shell, those that go on over several as one, and what stands between backquotes. */
const commandsIn = (page) => [
  ...blocksOf(page, "sh").flatMap((block) => block.replaceAll(/\\\n\s*/g, "").split(/\n| && /)),
  ...codesIn(page),
];
const called = (name) =>
  [...pages].flatMap(([page, body]) =>
    commandsIn(body)
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => ({ page, line, words: wordsOf(line).slice(name.split(" ").length) })),
  );

/** As a shell splits it, up to a remark or to the next command. */
function wordsOf(line) {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare,
  );
  const end = words.findIndex((word) => /^(?:#|&&|\||;)/.test(word));
  return end === -1 ? words : words.slice(0, end);
}

const helps = new Map();
async function helpOf(path) {
  const key = path.join(" ");
  if (!helps.has(key)) {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const said = text(stdout);
    const code = await runProgram([...path, "--help"], {
      ...{ streams: { stdin, stdout, stderr }, env: {}, signal: new globalThis.AbortController().signal },
    });
    stdout.end();
    expect(code, `punctual ${key} --help`).to.equal(0);
    helps.set(key, await said);
  }
  return helps.get(key);
}

const commandsOf = (help) =>
  [...(help.split(/^Commands:$/m)[1] ?? "").matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, command]) => command);

describe("docs/runbooks", () => {
  it("has a page for each alarm, and the alarm's own name leads to it", () => {
    for (const { id } of OBJECTIVES) {
      const [lead = ""] = (pages.get(RUNBOOKS[id]) ?? "").split("\n## ");
      expect(codesIn(lead), `${id} in ${RUNBOOKS[id]}`).to.include(id);
      const row = pages
        .get("README")
        .split("\n")
        .find((line) => line.startsWith("|") && line.includes(`\`${id}\``));
      expect(row, id).to.include(`(${RUNBOOKS[id]}.md)`);
    }
  });

  it("knows no alarm that there is not", () => {
    const ids = OBJECTIVES.map(({ id }) => id);
    for (const [name, page] of runbooks) {
      const [lead] = page.split("\n## ");
      const named = codesIn(lead).filter(
        (code) => /^[a-z]+(?:-[a-z]+)*$/.test(code) && !["migrate", "reason"].includes(code),
      );
      expect(ids, name).to.include.members(named);
    }
  });

  for (const [name, page] of runbooks) {
    it(`${name} has all parts, and is on the first page`, () => {
      expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).to.deep.equal(PARTS);
      expect(pages.get("README")).to.include(`(${name}.md)`);
    });
  }

  it("leads to pages that there are", () => {
    for (const [name, page] of pages) {
      for (const [, link] of page.matchAll(/\]\(([^)]+)\.md\)/g)) expect([...pages.keys()], name).to.include(link);
    }
  });

  it("asks `punctual` for what it does, with options that it has", async () => {
    const all = called("punctual");
    expect(all.length).to.be.greaterThan(20);
    for (const { page, line, words } of all) {
      const path = [];
      let help = await helpOf(path);
      while (words.length > path.length && commandsOf(help).includes(words[path.length])) {
        path.push(words[path.length]);
        help = await helpOf(path);
      }
      expect(path, `${page}: ${line}`).not.to.deep.equal([]);
      // A group is named as such, and never called.
      if (words.length > path.length) expect(commandsOf(help), `${page}: ${line}`).to.deep.equal([]);
      const rest = words.slice(path.length);
      for (const option of rest.filter((word) => word.startsWith("--"))) {
        expect(help, `${page}: ${line}`).to.match(new RegExp(`${option}[ ,\n]`));
      }
      const why = rest[rest.indexOf("--reason") + 1];
      if (rest.includes("--reason")) expect(reason.options, `${page}: ${line}`).to.include(why);
    }
  });

  it("runs targets that `npm run` has", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const all = called("npm run");
    expect(all.length).to.be.greaterThan(10);
    for (const { page, line, words } of all) expect(Object.keys(scripts), `${page}: ${line}`).to.include(words[0]);
  });

  it("tells `npm run release` what it understands", async function () {
    const all = called("npm run release");
    expect(all.length).to.be.greaterThan(4);
    const { HELP } = await import(RELEASE).catch(() => ({}));
    if (HELP === undefined) return this.skip();
    for (const { page, line, words } of all) {
      expect(words[0], `${page}: ${line}`).to.equal("--");
      expect(HELP, `${page}: ${line}`).to.include(`npm run release -- ${words[1]} `);
      for (const option of words.slice(2).filter((word) => word.startsWith("--"))) {
        expect(HELP, `${page}: ${line}`).to.match(new RegExp(`${option} `));
      }
    }
  });

  it("tells `npm run smoke` what it understands", () => {
    const all = called("npm run smoke");
    expect(all.length).to.be.greaterThan(3);
    for (const { page, line, words } of all) {
      const args = words.slice(1).map((word) => word.replace(/^\$(?:PUNCTUAL_URL|RECEIVER)$/, "https://a.example"));
      expect(readArguments(args), `${page}: ${line}`).to.be.an("object");
    }
  });

  it("asks the API by routes that it has", () => {
    const routes = contract.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    const all = [...pages].flatMap(([page, body]) =>
      commandsIn(body).flatMap((line) => {
        const [, path] = /\$PUNCTUAL_URL(\/[^\s"`]+)/.exec(line) ?? [];
        const [, method = "GET"] = /-X (\w+)/.exec(line) ?? [];
        return path === undefined ? [] : [{ page, route: `${method} ${path.replace("$ID", "{id}")}` }];
      }),
    );
    expect(all.length).to.be.greaterThan(6);
    for (const { page, route } of all) expect(routes, page).to.include(route);
  });

  it("asks for metrics that are measured", () => {
    const measured = new Set();
    const known = (suffix) => (name) => {
      measured.add(`${name}${suffix}`);
      return { addCallback: () => undefined };
    };
    const [createCounter, createHistogram, createObservableGauge] = [known("_total"), known(""), known("")];
    instrumentsOf({ createCounter, createHistogram, createObservableGauge });
    const [own, cloud] = [[], []];
    for (const [name, page] of pages) {
      for (const code of codesIn(page)) {
        if (/^punctual_\w+$/.test(code)) own.push([name, code]);
        if (/^(?:[A-Z][a-z]+)+$/.test(code) && !["Where", "Punctual"].includes(code)) cloud.push([name, code]);
      }
    }
    expect(Math.min(own.length, cloud.length)).to.be.greaterThan(10);
    for (const [name, code] of own) expect([...measured], name).to.include(code);
    for (const [name, code] of cloud) expect(Object.keys(EMF_METRICS), name).to.include(code);
  });

  it("names resources as the stacks do", async () => {
    const plans = await Promise.all(
      ["aws", "gcp"].map((cloud) => readFile(join(root, `stacks/plans/${cloud}-production.txt`), "utf8")),
    );
    const parts = [...pages].flatMap(([name, page]) =>
      [...page.matchAll(/\$P-((?:\$F\b)|[a-z]+(?:-[a-z]+)*)/g)].map(([, part]) => ({ name, part })),
    );
    expect(parts.length).to.be.greaterThan(20);
    for (const { name, part } of parts) {
      const there = plans.some(
        (plan) =>
          plan.includes(`"punctual-production-${part}"`) || plan.includes(`punctual-production-${part}-instance`),
      );
      expect(there || part === "$F" || MADE.includes(part), `${name}: ${part}`).to.equal(true);
    }
  });

  describe("its SQL", () => {
    let server;
    before(async () => {
      server = await startEmbedded({ durable: false });
      await migrateUp({ ...POSTGRES_DEFAULTS, url: server.url });
    });
    after(async () => server?.stop());

    it("runs on the tables that there are", async () => {
      const statements = [...pages].flatMap(([page, body]) => [
        ...blocksOf(body, "sql").map((sql) => ({ page, sql })),
        ...codesIn(body)
          .filter((code) => /^select /.test(code))
          .map((sql) => ({ page, sql })),
      ]);
      expect(statements.length).to.be.greaterThan(12);
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      try {
        for (const { page, sql } of statements) {
          await client.query(sql).catch((error) => {
            throw new Error(`${page}: ${error.message}\n${sql}`);
          });
        }
      } finally {
        await client.end();
      }
    });
  });
});
