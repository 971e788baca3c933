import { expect } from "chai";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program, type Started } from "./support/program.js";

const run = promisify(execFile);
const ROOT = new URL("../../../../", import.meta.url);
const PUNCTUAL = fileURLToPath(new URL("apps/cli/bin/punctual.js", ROOT));

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

/** What stands between fences, in the order of the page. */
async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(new URL(page, ROOT), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", inside = ""]) => ({
    ...{ page, language },
    text: inside,
  }));
}

const blocks = (await Promise.all(["README.md", "docs/api.md", "docs/cli.md"].map(blocksOf))).flat();
const requests = blocks.filter(({ language }) => language === "http");
const commands = blocks.flatMap(({ page, language, text }, index) => {
  const [, line] = /^npx punctual (.*)\n$/.exec(text) ?? [];
  const next = blocks[index + 1];
  if (language !== "sh" || line === undefined || next?.language !== "text" || next.page !== page) return [];
  return [{ page, line, shown: next.text }];
});

describe("the examples of the documents", function () {
  this.timeout(60_000);
  let program: Program;
  let platform: Started;
  before(async () => {
    program = await Program.make();
    platform = await program.start(["--memory"]);
  });
  after(() => program.close());

  it("are there", () => {
    expect(requests.length).to.be.greaterThan(2);
    expect(commands.length).to.be.greaterThan(0);
  });

  for (const { page, text } of requests) {
    const [first = "", ...rest] = text.split("\n");
    it(`run as they stand in ${page}: ${first}`, async () => {
      const [method = "", path = ""] = first.split(" ");
      const response = await fetch(platform.url + path, {
        method,
        headers: { "content-type": "application/json" },
        body: rest.join("\n").trim(),
      });
      expect(response.status, await response.text()).to.be.within(200, 299);
    });
  }

  for (const { page, line, shown } of commands) {
    it(`show what they say in ${page}: punctual ${line}`, async () => {
      const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
      const { stdout } = await run(process.execPath, [PUNCTUAL, ...args], { env: { NO_COLOR: "1" } });
      expect(stdout.trimEnd()).to.equal(shown.trimEnd());
    });
  }
});
