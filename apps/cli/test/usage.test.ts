import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { EXIT_CODES } from "../src/exit-codes.js";
import { canShow, run, runHere, shown } from "./support/cli.js";

describe("punctual", () => {
  it("shows three examples when nothing is said", async () => {
    const { code, out, err } = await run([]);
    expect([code, err]).to.deep.equal([0, ""]);
    expect(out.match(/^ {2}punctual /gm)).to.have.length(3);
  });

  const helps = [["--help"], ["help"], ["schedule", "--help"], ["help", "import"], ["schedule", "create", "-h"]];
  for (const args of helps) {
    it(`shows help for ${args.join(" ")}`, async () => {
      const { code, out } = await runHere(args);
      expect(code).to.equal(0);
      expect(out)
        .to.match(/^Usage: punctual /)
        .and.include("--json");
    });
  }

  it("lists what it ends with, in text and in JSON, as its document does", async () => {
    const [help, text, json] = await Promise.all([
      run(["help", "exit-codes"]),
      run(["exit-codes"]),
      run(["exit-codes", "--json"]),
    ]);
    expect(help).to.deep.equal(text).and.include({ code: 0, err: "" });
    for (const { code, meaning } of EXIT_CODES) expect(text.out).to.include(`${code}  ${meaning}`);
    expect(JSON.parse(json.out)).to.deep.equal(EXIT_CODES);
    const page = await readFile(new URL("../../../../docs/cli.md", import.meta.url), "utf8");
    for (const { code, meaning } of EXIT_CODES) expect(page.replace(/ +/g, " ")).to.include(`| ${code} | ${meaning} |`);
  });

  const wrong = [
    { name: "an unknown command", args: ["nexr"], err: /^punctual: unknown command 'nexr'\n\(Did you mean next\?\)/ },
    { name: "an unknown command of a group", args: ["schedule", "lst"], err: /Did you mean list\?/ },
    { name: "a group alone", args: ["events"], err: /^Usage: punctual events/ },
    {
      name: "an unknown option",
      args: ["schedule", "list", "--zon", "UTC"],
      err: /unknown option '--zon'\n\(Did you mean --zone\?\)/,
    },
    { name: "an argument that is missing", args: ["schedule", "get"], err: /missing required argument 'id'/ },
    { name: "an argument too many", args: ["schedule", "get", "a", "b"], err: /too many arguments/ },
    {
      name: "a token on the command line",
      args: ["schedule", "list", "--token", "x"],
      err: /unknown option '--token'/,
    },
    { name: "an address that is none", args: ["schedule", "list", "--api", "x"], err: /--api must be a URL such as/ },
    {
      name: "an address with a password",
      args: ["schedule", "list", "--api", "http://me:hush@127.0.0.1"],
      err: /^punctual: --api must hold no user and no password\n$/,
    },
    { name: "a page too large", args: ["events", "list", "--limit", "201"], err: /from 1 to 200/ },
    {
      name: "a state that there is not",
      args: ["events", "list", "--state", "DONE"],
      err: /--state is one of PENDING/,
    },
  ];
  for (const { name, args, err } of wrong) {
    it(`ends with 2 for ${name}`, async () => {
      const ended = await runHere(args);
      expect(ended).to.include({ code: 2, out: "" });
      expect(ended.err).to.match(err);
    });
  }

  it("names what is wrong with the environment, and does not tell the secrets in it", async () => {
    const env = { PUNCTUAL_URL: "ftp://x", PUNCTUAL_TOKEN: "my secret", PUNCTUAL_DATABASE_URL: "mysql://u:hush@h/d" };
    const { code, out, err } = await run(["schedule", "list"], { env });
    expect({ code, out }).to.deep.equal({ code: 2, out: "" });
    expect(err).to.include("PUNCTUAL_URL").and.include("PUNCTUAL_TOKEN").and.include("PUNCTUAL_DATABASE_URL");
    expect(err).not.to.match(/my secret|hush/);
  });

  it(`colours for who looks on, unless told not to${canShow ? "" : " (skipped: no util-linux script)"}`, function () {
    if (!canShow) return this.skip();
    const next = (args: string, env = {}) => shown(`next "0 9 * * *" --zone UTC --quiet ${args}`, { env }).text;
    expect(next("")).to.include("\u001b[1mLOCAL TIME");
    expect(next("--no-color")).not.to.include("\u001b");
    expect(next("", { NO_COLOR: "1" })).not.to.include("\u001b");
    return undefined;
  });
});

describe("punctual start", () => {
  it("ends as the platform does", async () => {
    const { code, err } = await run(["start", "--memory"], { env: { PUNCTUAL_PORT: "99999999" } });
    expect(code).to.equal(2);
    expect(err).to.include("PUNCTUAL_PORT").and.include("the platform ended with 2");
  });
});
