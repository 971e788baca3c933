import { MemoryClock } from "@punctual/core/memory";
import { NO_TELEMETRY } from "@punctual/core";
import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { API_VERSION, BadTransport, loadTransport, type Variables } from "../src/index.js";

describe("loadTransport", () => {
  const KEY = Buffer.alloc(32, 7);
  let folder = "";
  let made = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "punctual-transport-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A schema that wants a URL, and answers it in upper case. */
  const SCHEMA = `{ "~standard": { version: 1, vendor: "test", validate: async (value) => {
    const { PUNCTUAL_TRANSPORT_URL: url, PUNCTUAL_TRANSPORT_SIZE: size } = value;
    const issues = [];
    if (url === undefined) issues.push({ path: ["PUNCTUAL_TRANSPORT_URL"], message: "must be set" });
    else if (!url.startsWith("x:")) issues.push({ path: [{ key: "PUNCTUAL_TRANSPORT_URL" }], message: "Invalid URL " + url });
    if (size === "7") issues.push({ path: ["PUNCTUAL_TRANSPORT_SIZE"], message: "must be 10 at least" });
    if (size === "8") issues.push({ message: "8 does not fit" });
    return issues.length > 0 ? { issues } : { value: { url: url.toUpperCase(), others: Object.keys(value) } };
  } } }`;
  const CAPABILITIES = `{ name: "test", maxDelaySeconds: 0, maxBatch: 10, maxBodyBytes: 1000, ordering: "none",
    deadLetters: false, push: false, early: "worker" }`;
  const CREATE = `async ({ config, keys }) => ({
    transport: { capabilities: {}, config, keys, send() {}, consume() {}, consumeDeadLetters() {} }, check() {}, close() {} })`;
  const PARTS = {
    name: `"test"`,
    apiVersion: String(API_VERSION),
    capabilities: CAPABILITIES,
    config: SCHEMA,
    create: CREATE,
  };
  const moduleOf = (parts: Partial<typeof PARTS> = {}) => {
    const fields = Object.entries({ ...PARTS, ...parts }).map(([name, value]) => `${name}: ${value}`);
    return `export const transport = { ${fields.join(", ")} };`;
  };
  const put = async (text: string, name = `transport-${++made}.mjs`) => {
    await writeFile(join(folder, name), text);
    return `./${name}`;
  };
  const load = (specifier: string, variables: Variables = { PUNCTUAL_TRANSPORT_URL: "x:a" }) =>
    loadTransport(specifier, variables, {
      clock: new MemoryClock(new Date("2030-01-01T00:00:00Z")),
      telemetry: NO_TELEMETRY,
      keys: [KEY],
      from: folder,
    });
  const problemsOf = async (loading: Promise<unknown>): Promise<readonly string[]> => {
    const error = await loading.catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(BadTransport);
    const { message, problems } = error as BadTransport;
    for (const problem of problems) expect(message).to.include(problem);
    return problems;
  };

  it("loads a path, relative to the folder that it is told", async () => {
    const { transport } = await load(await put(moduleOf()));
    expect(transport).to.deep.include({ config: { url: "X:A", others: ["PUNCTUAL_TRANSPORT_URL"] }, keys: [KEY] });
  });

  it("loads a file URL", async () => {
    const path = await put(moduleOf());
    expect(await load(pathToFileURL(join(folder, path)).href)).to.have.property("transport");
  });

  it("loads a package, as a program in that folder finds it", async () => {
    const home = join(folder, "node_modules", "acme-queue");
    await mkdir(home, { recursive: true });
    await writeFile(join(home, "package.json"), `{ "name": "acme-queue", "type": "module", "exports": "./queue.js" }`);
    await writeFile(join(home, "queue.js"), moduleOf());
    expect(await load("acme-queue")).to.have.property("transport");
  });

  it("gives the schema the transport's own variables alone, and none that is empty", async () => {
    const { transport } = await load(await put(moduleOf()), {
      ...{ PUNCTUAL_TRANSPORT_URL: "x:a", PUNCTUAL_TRANSPORT_KEY: "", PUNCTUAL_TRANSPORT_NAME: undefined },
      ...{ PUNCTUAL_DATABASE_URL: "postgres://localhost", HOME: "/root" },
    });
    expect(transport).to.deep.include({ config: { url: "X:A", others: ["PUNCTUAL_TRANSPORT_URL"] } });
  });

  it("lets what create throws go up as it is", async () => {
    const path = await put(moduleOf({ create: `() => { throw new RangeError("too far"); }` }));
    const error = await load(path).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RangeError);
  });

  for (const [name, specifier] of [
    ["a package", "acme-not-there"],
    ["a path", "./not-there.mjs"],
  ] as const) {
    it(`says that ${name} is not there`, async () => {
      const [problem, ...others] = await problemsOf(load(specifier));
      expect(problem).to.match(/^its module, or one that it imports, is not there \(.*not-there/);
      expect(others).to.deep.equal([]);
    });
  }

  const wrong: readonly (readonly [title: string, text: string, problems: readonly (string | RegExp)[]])[] = [
    ["fails", `throw new Error("no licence");`, ["its module fails (no licence)"]],
    ["throws something that is no error", `throw null;`, ["its module fails (null)"]],
    ["cannot be read", `export const transport = {`, [/^its module fails \(/]],
    [
      "exports something else",
      `export default {};`,
      ["its module has no export named `transport`: export what defineTransport answers"],
    ],
    [
      "is newer",
      moduleOf({ apiVersion: "99", create: "null" }),
      [
        `it was written for version 99 of the adapter interface, and this program has version ${API_VERSION}: update this program`,
      ],
    ],
    [
      "is older",
      moduleOf({ apiVersion: "0" }),
      [
        `it was written for version 0 of the adapter interface, and this program has version ${API_VERSION}: update the transport`,
      ],
    ],
    ["has no version", moduleOf({ apiVersion: `"1"` }), ["its `apiVersion` is missing: say API_VERSION"]],
    ["has no name", moduleOf({ name: `""` }), ["its `name` is no text"]],
    ["has no method", moduleOf({ create: "null" }), ["it has no method `create`"]],
    [
      "has a schema of another kind",
      moduleOf({ config: "{ parse() {} }" }),
      ["its `config` is no Standard Schema, as Zod, Valibot and ArkType make them"],
    ],
    [
      "says too little of what it can do",
      moduleOf({ capabilities: `{ ...${CAPABILITIES}, maxBatch: 0, early: "never", push: undefined }` }),
      ["maxBatch", "push", "early"].map((key) => `its \`capabilities.${key}\` is missing or wrong`),
    ],
    [
      "opens something else",
      moduleOf({ create: "() => ({ transport: { send() {} }, close() {} })" }),
      [
        "what `create` answers has no method `check`",
        "its `transport` has no method `consume`",
        "its `transport` has no method `consumeDeadLetters`",
      ],
    ],
  ];
  for (const [title, text, problems] of wrong) {
    it(`refuses one that ${title}`, async () => {
      const found = await problemsOf(load(await put(text)));
      expect(found).to.have.length(problems.length);
      for (const [index, problem] of problems.entries()) {
        if (typeof problem === "string") expect(found[index]).to.equal(problem);
        else expect(found[index]).to.match(problem);
      }
    });
  }

  it("lists all that is wrong in one error", async () => {
    const path = await put(moduleOf({ name: "null", create: "null" }));
    const problems = await problemsOf(load(path, { PUNCTUAL_TRANSPORT_SIZE: "7" }));
    expect(problems).to.deep.equal([
      "its `name` is no text",
      "it has no method `create`",
      "PUNCTUAL_TRANSPORT_URL: must be set",
      "PUNCTUAL_TRANSPORT_SIZE: must be 10 at least",
    ]);
  });

  it("never repeats what a variable holds", async () => {
    const variables = { PUNCTUAL_TRANSPORT_URL: "https://user:hush@queue", PUNCTUAL_TRANSPORT_SIZE: "8" };
    const problems = await problemsOf(load(await put(moduleOf()), variables));
    expect(problems).to.deep.equal(["PUNCTUAL_TRANSPORT_URL: not valid", "the variables together: not valid"]);
  });
});
