import { expect } from "chai";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadLogin, loadLogin } from "../src/index.js";

describe("loadLogin", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "punctual-login-"))));
  afterEach(() => rm(folder, { recursive: true }));

  async function load(text: string, environment: Readonly<Record<string, string>> = {}) {
    await writeFile(join(folder, "login.mjs"), text);
    return loadLogin("./login.mjs", environment, folder);
  }
  const refusal = async (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

  it("gives what the module's function gives, each time anew", async () => {
    const login = await load("let n = 0; export const openLogin = async () => async () => 'token-' + ++n;");

    expect([await login(), await login()]).to.deep.equal(["token-1", "token-2"]);
  });

  it("tells it where the database is and what is not ours, and no other secret", async () => {
    const login = await load("export const openLogin = (told) => async () => JSON.stringify(told);", {
      PUNCTUAL_DATABASE_URL: "postgres://me@db/x",
      AWS_REGION: "eu-west-1",
      PUNCTUAL_SECRET_KEYS: "hunter2",
    });

    const told: unknown = JSON.parse(await login());
    expect(told).to.deep.equal({ PUNCTUAL_DATABASE_URL: "postgres://me@db/x", AWS_REGION: "eu-west-1" });
  });

  const WRONG: readonly (readonly [string, string, string])[] = [
    ["a module that exports none", "export const login = 1;", "no function named `openLogin`"],
    ["one that answers none", "export const openLogin = () => 'hunter2';", "its `openLogin` answers no function"],
    ["one that fails", "throw new Error('broken');", "its module fails (broken)"],
  ];
  for (const [name, text, expected] of WRONG) {
    it(`refuses ${name}`, async () => {
      const error = await refusal(load(text));
      expect(error).to.be.instanceOf(BadLogin);
      expect(String(error)).to.include("./login.mjs").and.include(expected).and.not.include("hunter2");
    });
  }

  it("refuses a package that is not there", async () => {
    const error = await refusal(loadLogin("no-such-login", {}, folder));
    expect(error).to.be.instanceOf(BadLogin);
    expect(String(error)).to.include("no-such-login").and.include("is not there");
  });

  it("lets what its function throws go up as it is", async () => {
    const error = await refusal(load("export const openLogin = () => { throw new RangeError('no region'); };"));
    expect(error).to.be.instanceOf(RangeError);
  });
});
