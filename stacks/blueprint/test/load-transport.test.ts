import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadTransport, TRANSPORT_STACK_VERSION } from "../src/index.js";

const stack = (apiVersion: number, clouds: string) =>
  `export const stack = { apiVersion: ${apiVersion}, clouds: ${clouds} };`;
const served = `{ aws: async () => (name) => ({ variables: { PUNCTUAL_TRANSPORT_NAME: name }, secrets: {} }) }`;

/** The module that each brings as `./stack`; null has none. */
const PACKAGES: Readonly<Record<string, string | null>> = {
  "@acme/whole": stack(TRANSPORT_STACK_VERSION, served),
  "@acme/alone": null,
  "@acme/empty": "export const transport = 1;",
  "@acme/shapeless": "export const stack = { apiVersion: 1 };",
  "@acme/newer": stack(TRANSPORT_STACK_VERSION + 1, served),
  "@acme/older": stack(TRANSPORT_STACK_VERSION - 1, served),
  "@acme/broken": `import "@acme/not-there";`,
  "@acme/without-sdk": stack(TRANSPORT_STACK_VERSION, `{ aws: () => import("@acme/not-there") }`),
};

describe("A transport's component", () => {
  let from = "";
  before(async () => {
    from = await mkdtemp(join(tmpdir(), "punctual-transport-"));
    for (const [name, module] of Object.entries(PACKAGES)) {
      const folder = join(from, "node_modules", name);
      const exports = { ".": "./main.js", ...(module !== null && { "./stack": "./stack/index.js" }) };
      await write(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", type: "module", exports }));
      await write(join(folder, "main.js"), "");
      if (module !== null) await write(join(folder, "stack/index.js"), module);
    }
  });
  after(() => rm(from, { recursive: true }));

  it("is found by the name of its package, from the folder of the program", async () => {
    const { ok } = await loadTransport("@acme/whole", { cloud: "aws", from });

    expect(ok?.("here", undefined as never, {}).variables).to.deep.equal({ PUNCTUAL_TRANSPORT_NAME: "here" });
  });

  for (const [name, cloud, fault, says] of [
    ["../acme", "aws", "no-name", "no name of a package"],
    ["@acme/nowhere", "aws", "not-there", "no package of that name"],
    ["@acme/alone", "aws", "brings-nothing", "no such export as ./stack"],
    ["@acme/empty", "aws", "exports-none", "@acme/empty/stack exports no `stack`"],
    ["@acme/shapeless", "aws", "exports-none", "exports no `stack`"],
    ["@acme/newer", "aws", "other-version", "is of version 2, and this program takes 1: update this program"],
    ["@acme/older", "aws", "other-version", "is of version 0, and this program takes 1: update the transport"],
    ["@acme/whole", "gcp", "not-on-this-cloud", "it is made on aws alone, not on gcp"],
    ["@acme/whole", "toString", "not-on-this-cloud", "not on toString"],
    ["@acme/broken", "aws", "fails", "@acme/not-there"],
    ["@acme/without-sdk", "aws", "fails", "@acme/not-there"],
  ] as const) {
    it(`is refused where ${name} is named on ${cloud}: ${fault}`, async () => {
      const { wrong } = await loadTransport(name, { cloud, from });

      expect(wrong?.fault).to.equal(fault);
      expect(wrong?.says).to.contain(`transport is ${name}, and`).and.contain(says);
    });
  }
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
