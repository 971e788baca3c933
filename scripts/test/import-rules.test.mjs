/*
 * Breaks each rule of eslint.config.js and .dependency-cruiser.cjs that is the house's own, and asks whether it is
 * reported. Nothing is written into the checkout: ESLint gets texts with the path of a file that is not there, and
 * dependency-cruiser a small tree in the temporary folder.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect } from "chai";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";

const root = resolve(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);

/** What rule, in which file, by which text. */
const broken = [
  // core/src imports itself …
  [
    "no-restricted-imports",
    "core/src/usecases/a.ts",
    `import { a } from "@punctual/adapter-postgres"; export const b = a;`,
  ],
  [
    "no-restricted-imports",
    "core/src/usecases/a.ts",
    `import { a } from "../../../adapters/local/src/a.js"; export const b = a;`,
  ],
  [
    "no-restricted-imports",
    "core/src/usecases/a.ts",
    `import { a } from "../../../apps/api/src/a.js"; export const b = a;`,
  ],
  [
    "no-restricted-imports",
    "core/src/usecases/a.ts",
    `import { a } from "../../../stacks/src/a.js"; export const b = a;`,
  ],
  [
    "no-restricted-imports",
    "core/src/usecases/a.ts",
    `import type { A } from "@aws-sdk/client-sqs"; export type B = A;`,
  ],
  ["no-restricted-imports", "core/src/usecases/a.ts", `import { a } from "@google-cloud/pubsub"; export const b = a;`],
  ["no-restricted-imports", "core/src/usecases/a.ts", `import { a } from "@mikro-orm/core"; export const b = a;`],
  ["no-restricted-imports", "core/src/usecases/a.ts", `import a from "pg"; export const b = a;`],
  ["no-restricted-imports", "core/src/usecases/a.ts", `import A from "koa"; export const b = new A();`],
  ["no-restricted-imports", "core/src/usecases/a.ts", `export { request } from "undici";`],
  [
    "no-restricted-imports",
    "core/src/usecases/a.ts",
    `import { readFile } from "node:fs/promises"; export const b = readFile;`,
  ],
  ["no-restricted-imports", "core/src/usecases/a.ts", `import { readFile } from "fs"; export const b = readFile;`],
  ["no-restricted-imports", "core/src/usecases/a.ts", `import { hash } from "node:crypto"; export const b = hash;`],
  [
    "no-restricted-imports",
    "core/src/recurrence/occurrence.ts",
    `import { randomUUID } from "node:crypto"; export const b = randomUUID;`,
  ],
  [
    "no-restricted-imports",
    "core/src/recurrence/occurrence.ts",
    `import { readFile } from "node:fs"; export const b = readFile;`,
  ],
  ["no-restricted-imports", "core/src/memory/a.ts", `import { expect } from "chai"; export const b = expect;`],
  ["no-restricted-imports", "core/src/conformance/a.suite.ts", `import { it } from "mocha"; export const b = it;`],
  ["no-restricted-imports", "core/test/a.test.ts", `import { a } from "@punctual/adapter-local"; export const b = a;`],
  ["no-restricted-imports", "core/test/a.test.ts", `import { Pool } from "pg"; export const b = Pool;`],
  // … and no other folder what its row of the table does not name
  [
    "no-restricted-imports",
    "adapters/aws/src/a.ts",
    `import { a } from "@punctual/adapter-postgres"; export const b = a;`,
  ],
  ["no-restricted-imports", "adapters/aws/src/a.ts", `import { a } from "@google-cloud/pubsub"; export const b = a;`],
  [
    "no-restricted-imports",
    "adapters/aws/test/a.test.ts",
    `import { a } from "../../../apps/api/src/a.js"; export const b = a;`,
  ],
  ["no-restricted-imports", "adapters/local/src/a.ts", `import { Pool } from "pg"; export const b = Pool;`],
  [
    "no-restricted-imports",
    "adapters/postgres/src/a.ts",
    `import { request } from "undici"; export const b = request;`,
  ],
  ["no-restricted-imports", "apps/api/src/a.ts", `import { a } from "@punctual/stacks"; export const b = a;`],
  [
    "no-restricted-imports",
    "apps/api/src/a.ts",
    `import { a } from "../../../simulation/src/a.js"; export const b = a;`,
  ],
  ["no-restricted-imports", "adapters/redis/src/a.ts", `import { a } from "@punctual/core"; export const b = a;`],
  ["no-restricted-imports", "adapters/aws/src/a.ts", `import { a } from "@redis/client"; export const b = a;`],
  ["no-restricted-imports", "apps/worker/src/a.ts", `import { a } from "@aws-sdk/client-sqs"; export const b = a;`],
  ["no-restricted-imports", "stacks/src/aws/a.ts", `import { a } from "@punctual/core"; export const b = a;`],
  ["no-restricted-imports", "stacks/src/aws/a.ts", `import { a } from "@punctual/adapter-aws"; export const b = a;`],
  [
    "no-restricted-imports",
    "stacks/src/aws/a.ts",
    `import { a } from "@punctual/adapter-aws/sqs"; export const b = a;`,
  ],
  [
    "no-restricted-imports",
    "stacks/release/src/aws/a.ts",
    `import { a } from "google-auth-library"; export const b = a;`,
  ],
  ["no-restricted-imports", "stacks/src/aws/a.ts", `import { a } from "@aws-sdk/client-sqs"; export const b = a;`],
  [
    "no-restricted-imports",
    "adapters/redis/stack/src/a.ts",
    `import { a } from "@punctual/stack-policy"; export const b = a;`,
  ],
  [
    "no-restricted-imports",
    "adapters/redis/stack/src/a.ts",
    `import { a } from "@punctual/adapter-redis"; export const b = a;`,
  ],
  ["no-restricted-imports", "examples/own/src/a.ts", `import { a } from "@punctual/stacks"; export const b = a;`],
  ["no-restricted-imports", "stacks/release/src/a.ts", `import { a } from "@aws-sdk/client-ecs"; export const b = a;`],
  [
    "no-restricted-imports",
    "stacks/release/src/aws/a.ts",
    `import { a } from "@google-cloud/run"; export const b = a;`,
  ],
  ["no-restricted-imports", "simulation/src/a.ts", `import { a } from "../../apps/api/src/a.js"; export const b = a;`],
  ["no-restricted-imports", "bench/src/a.ts", `import { a } from "@punctual/stacks"; export const b = a;`],
  [
    "@typescript-eslint/no-restricted-imports",
    "core/src/usecases/a.ts",
    `import { Container } from "inversify"; export const b = Container;`,
  ],
  [
    "@typescript-eslint/no-restricted-imports",
    "adapters/aws/src/a.ts",
    `import type { Container } from "inversify"; export type B = Container;`,
  ],
  [
    "@typescript-eslint/no-restricted-imports",
    "apps/api/src/main.ts",
    `import { Container } from "inversify"; export const b = Container;`,
  ],

  // The core asks the machine nothing.
  ...[
    "process",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "queueMicrotask",
    "fetch",
    "performance",
    "crypto",
    "Buffer",
  ].map((name) => ["no-restricted-globals", "core/src/usecases/a.ts", `export const a = ${name};`]),
  ["no-restricted-globals", "core/src/usecases/a.ts", `console.log("a");`],
  ["no-restricted-globals", "core/src/usecases/a.ts", `export const a = globalThis.fetch;`],
  ["no-restricted-globals", "core/src/conformance/a.suite.ts", `export const a = setTimeout;`],
  ["no-restricted-globals", "core/src/usecases/a.ts", `describe("a", () => {});`],
  ["no-restricted-globals", "adapters/aws/src/a.ts", `beforeEach(() => {});`],
  ["no-restricted-globals", "sdk/create/src/a.ts", `beforeEach(() => {});`],
  ["no-restricted-properties", "core/src/usecases/a.ts", `export const a = Date.now();`],
  ["no-restricted-properties", "core/src/usecases/a.ts", `export const { now } = Date;`],
  ["no-restricted-properties", "core/src/conformance/a.suite.ts", `export const a = Math.random();`],
  ["no-restricted-properties", "core/src/usecases/a.ts", `export const a = crypto.randomUUID();`],
  ["no-restricted-properties", "core/src/usecases/a.ts", `export const a = AbortSignal.timeout(5);`],
  ["no-restricted-properties", "core/src/usecases/a.ts", `export const a = (b: Date) => b.getHours();`],
  ["punctual/no-machine-time", "core/src/usecases/a.ts", `export const a = new Date();`],
  ["punctual/no-machine-time", "core/src/usecases/a.ts", `export const a = new Date(2030, 0, 1);`],
  ["punctual/no-machine-time", "core/src/usecases/a.ts", `export const a = Date();`],

  // What holds everywhere.
  ["punctual/no-computed-delay", "apps/worker/src/a.ts", `export const a = (ms: number) => setTimeout(() => {}, ms);`],
  [
    "punctual/no-computed-delay",
    "adapters/aws/test/a.test.ts",
    `export const a = (ms: number) => setTimeout(() => {}, ms * 2);`,
  ],
  [
    "punctual/no-computed-delay",
    "apps/worker/src/a.ts",
    `export const a = (ms: number) => globalThis.setInterval(() => {}, ms);`,
  ],
  ["punctual/no-computed-delay", "apps/worker/src/a.ts", `setTimeout(() => {}, 2_147_483_648);`],
  [
    "punctual/no-computed-delay",
    "bench/src/a.ts",
    `import { setTimeout as sleep } from "node:timers/promises"; export const b = sleep;`,
  ],
  ["punctual/env-in-main-only", "apps/api/src/config.ts", `export const a = process.env.PORT;`],
  ["punctual/env-in-main-only", "adapters/aws/src/config.ts", `export const a = process["env"];`],
  ["punctual/env-in-main-only", "stacks/src/index.ts", `export const { env } = process;`],
  ["punctual/env-in-main-only", "bench/src/a.ts", `import { env } from "node:process"; export const b = env;`],
  ["punctual/no-default-export", "adapters/aws/src/a.ts", `export default class A {}`],
  ["punctual/no-default-export", "adapters/aws/src/a.ts", `const a = 1; export { a as default };`],
  ["punctual/no-decorators", "adapters/postgres/src/a.ts", `@b() export class A {} function b() { return () => {}; }`],
  ["eqeqeq", "apps/api/src/a.ts", `export const a = (b: unknown) => b == 1;`],
  ["@typescript-eslint/no-explicit-any", "apps/api/src/a.ts", `export const a = (b: any): unknown => b;`],
  ["@typescript-eslint/consistent-type-imports", "apps/api/src/a.ts", `import { A } from "./b.js"; export type B = A;`],
  [
    "@typescript-eslint/no-unused-expressions",
    "apps/api/src/a.ts",
    `export const a = (b: { c: unknown }) => { b.c; };`,
  ],
];

/** What must stay allowed: a rule that forbids everything would pass the list above. */
const allowed = [
  ["core/src/recurrence/occurrence.ts", `import { hash } from "node:crypto"; export const a = hash("sha1", "b");`],
  [
    "core/src/usecases/a.ts",
    `import type { A } from "../ports/a.js"; import { b } from "./b.js"; export const c: A = b;`,
  ],
  [
    "core/src/usecases/a.ts",
    `export const a = (b: number) => new Date(b).toISOString() + String(new Date("2030-01-01T00:00Z").getUTCDay());`,
  ],
  [
    "core/src/conformance/a.suite.ts",
    `import { expect } from "chai"; describe("a", () => { it("b", () => { expect(1).to.be.ok; }); });`,
  ],
  ["core/src/wiring.ts", `import { ContainerModule } from "inversify"; export const a = ContainerModule;`],
  [
    "core/test/wiring.test.ts",
    `import { Container } from "inversify"; import { expect } from "chai"; expect(Container).to.be.ok;`,
  ],
  [
    "core/test/a.test.ts",
    `import { readFileSync } from "node:fs"; import { a } from "@punctual/core"; export const b = [a, readFileSync, Date.now()];`,
  ],
  ["adapters/local/src/a.ts", `export const a = (ms: number) => setTimeout(() => {}, ms);`],
  [
    "adapters/aws/src/a.ts",
    `import { a } from "@aws-sdk/client-sqs"; import { b } from "@punctual/core"; import { readFile } from "node:fs"; export const c = [a, b, readFile];`,
  ],
  ["stacks/release/src/aws/a.ts", `import { a } from "@aws-sdk/client-ecs"; export const b = a;`],
  [
    "adapters/postgres/src/a.ts",
    `import { a } from "@mikro-orm/core"; import { Pool } from "pg"; export const b = [a, Pool];`,
  ],
  [
    "adapters/webhook/src/a.ts",
    `import { request } from "undici"; import { a } from "@punctual/core/wiring"; export const b = [a, request];`,
  ],
  ["adapters/postgres/test/a.test.ts", `export const a = process.env.TEST_POSTGRES_URL;`],
  ["apps/api/src/main.ts", `export const a = process.env.PORT;`],
  [
    "apps/api/src/container.ts",
    `import { Container } from "inversify"; import Koa from "koa"; import { a } from "@punctual/adapter-aws/wiring"; export const b = [a, Koa, Container];`,
  ],
  [
    "apps/worker/src/a.ts",
    `setTimeout(() => {}, 1_000); export const a = (socket: { setTimeout(ms: number): void }, ms: number) => { socket.setTimeout(ms); };`,
  ],
  [
    "stacks/src/aws/a.ts",
    `import * as aws from "@pulumi/aws"; import { a } from "@punctual/adapter-aws/config"; import { c } from "@punctual/adapter-aws/metrics"; export const b = [a, aws, c];`,
  ],
  [
    "simulation/src/a.ts",
    `import { a } from "@punctual/core"; import { b } from "@punctual/adapter-local"; export const c = [a, b];`,
  ],
  [
    "bench/src/a.ts",
    `import { Pool } from "undici"; import { b } from "@punctual/adapter-postgres"; export const c = [Pool, b];`,
  ],
];

/** Rules that need types. */
const brokenTypes = [
  ["@typescript-eslint/no-floating-promises", `export const a = () => { Promise.resolve(1); };`],
  [
    "@typescript-eslint/switch-exhaustiveness-check",
    `export function a(b: "c" | "d") { switch (b) { case "c": return 1; } return 2; }`,
  ],
  ["@typescript-eslint/no-unnecessary-condition", `export const a = (b: string) => b ?? "c";`],
];

const eslint = new ESLint({
  cwd: root,
  // A file that is not there is in no project, and none of these rules asks for types.
  overrideConfig: { files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked },
});
const planted = "planted.ts";
const typedEslint = new ESLint({
  cwd: root,
  overrideConfig: {
    files: [planted],
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: [planted], defaultProject: "core/tsconfig.json" } },
    },
  },
});

async function lint(linter, path, text) {
  const [result] = await linter.lintText(`${text}\n`, { filePath: join(root, path) });
  return result.messages.map(({ ruleId, message }) => ruleId ?? message);
}

describe("eslint.config.js", () => {
  for (const [rule, path, text] of broken)
    it(`reports ${rule} in ${path}: ${text}`, async () => {
      expect(await lint(eslint, path, text)).to.include(rule);
    });

  for (const [rule, text] of brokenTypes)
    it(`reports ${rule}: ${text}`, async () => {
      expect(await lint(typedEslint, planted, text)).to.deep.equal([rule]);
    });

  for (const [path, text] of allowed)
    it(`allows in ${path}: ${text}`, async () => {
      expect(await lint(eslint, path, text)).to.deep.equal([]);
    });

  it("has each of the house's own rules in the table above", async () => {
    const { plugins } = await eslint.calculateConfigForFile(join(root, "core/src/index.ts"));
    const own = Object.keys(plugins.punctual.rules).map((name) => `punctual/${name}`);
    expect(broken.map(([rule]) => rule)).to.include.members(own);
  });
});

/** The file that breaks each rule, and its text. What it imports is made below where it has to be there. */
const crossings = [
  ["core-imports-itself", "core/src/usecases/a1.ts", `import "@punctual/adapter-local";`],
  ["core-imports-itself", "core/src/usecases/a2.ts", `import "../../../adapters/local/src/index.js";`],
  ["core-imports-itself", "core/src/usecases/a3.ts", `import "../../../apps/api/src/index.js";`],
  ["core-imports-itself", "core/test/a4.test.ts", `import "../../adapters/local/src/index.js";`],
  ["core-without-node", "core/src/usecases/b1.ts", `import "node:fs";`],
  ["core-without-node", "core/src/usecases/b2.ts", `export const a = () => import("node:timers/promises");`],
  ["core-without-node", "core/src/usecases/b3.ts", `import { hash } from "crypto"; export const a = hash;`],
  ["event-id-only-hashes", "core/src/recurrence/occurrence.ts", `import "node:crypto"; import "node:fs";`],
  ["core-without-packages", "core/src/usecases/c1.ts", `import "chai";`],
  ["core-without-packages", "core/src/usecases/c2.ts", `export const a = () => import("pg");`],
  ["conformance-with-chai-alone", "core/src/conformance/d.suite.ts", `import "chai"; import "koa";`],
  ["sdk-imports-core", "sdk/src/e0.ts", `import "../../adapters/local/src/index.js";`],
  ["adapter-imports-core", "adapters/aws/src/e1.ts", `import "@punctual/adapter-local";`],
  ["adapter-imports-core", "adapters/aws/src/e2.ts", `import "../../local/src/index.js";`],
  ["adapter-imports-core", "adapters/aws/test/e3.test.ts", `import "../../../apps/api/src/index.js";`],
  ["app-imports-no-app", "apps/worker/src/f.ts", `import "../../api/src/index.js";`],
  ["app-takes-wiring-and-config", "apps/worker/src/g.ts", `import "../../../adapters/local/src/index.js";`],
  ["hot-path-without-orm", "adapters/postgres/src/stores/event-store.ts", `import "../orm.js";`],
  ["app-imports-core-and-adapters", "apps/api/src/h.ts", `import "../../../stacks/src/index.js";`],
  ["stack-imports-config", "stacks/src/i1.ts", `import "@punctual/adapter-local";`],
  ["stack-imports-config", "stacks/src/i2.ts", `import "@punctual/core";`],
  ["simulation-imports-core-and-adapters", "simulation/src/j1.ts", `import "../../apps/api/src/index.js";`],
  ["bench-imports-core-adapters-and-api", "bench/src/j2.ts", `import "../../simulation/src/index.js";`],
  ["bench-imports-core-adapters-and-api", "bench/src/j3.ts", `import "../../apps/worker/src/ok.js";`],
  ["sdk-at-home-in-adapters-aws", "adapters/gcp/src/k1.ts", `import "@aws-sdk/client-sqs";`],
  ["sdk-at-home-in-adapters-aws", "stacks/release/src/k9.ts", `import "@aws-sdk/client-sqs";`],
  ["sdk-at-home-in-adapters-gcp", "stacks/release/src/aws/k10.ts", `import "@google-cloud/pubsub";`],
  ["sdk-at-home-in-adapters-gcp", "adapters/aws/src/k2.ts", `import "@google-cloud/pubsub";`],
  ["sdk-at-home-in-adapters-gcp", "stacks/release/src/aws/k9.ts", `import "@google-cloud/pubsub";`],
  ["redis-imports-sdk-alone", "adapters/redis/src/e4.ts", `import "@punctual/core";`],
  ["transport-stack-imports-clouds", "adapters/redis/stack/src/q1.ts", `import "../../../../stacks/src/index.js";`],
  ["pulumi-in-stacks", "adapters/aws/src/q2.ts", `import "@pulumi/pulumi";`],
  ["pulumi-in-stacks", "adapters/redis/src/q3.ts", `import "../stack/src/index.js";`],
  ["example-imports-packages", "examples/own/src/q4.ts", `import "../../../stacks/src/index.js";`],
  ["sdk-at-home-in-adapters-redis", "adapters/aws/src/k8.ts", `import "@redis/client";`],
  ["sdk-at-home-in-adapters-postgres", "apps/api/src/k3.ts", `import "pg";`],
  ["sdk-at-home-in-adapters-postgres", "stacks/src/k4.ts", `import "@mikro-orm/core";`],
  ["sdk-at-home-in-adapters-webhook", "adapters/local/src/k5.ts", `import type {} from "undici";`],
  ["sdk-at-home-in-adapters-telemetry", "apps/api/src/k7.ts", `import "pino";`],
  ["sdk-at-home-in-apps", "adapters/local/src/k6.ts", `import "koa";`],
  ["inversify-in-wiring", "adapters/aws/src/l1.ts", `import "inversify";`],
  ["inversify-in-wiring", "core/src/l2.ts", `import type {} from "inversify";`],
  ["source-without-tests", "core/src/m.ts", `import "../test/ok.test.js";`],
  ["source-on-declared-packages", "adapters/local/src/n1.ts", `import "chai";`],
  ["source-on-declared-packages", "adapters/local/src/n2.ts", `import "left-out";`],
  ["no-circular", "core/src/o1.ts", `import "./o2.js";`],
  ["not-to-unresolvable", "core/src/p.ts", `import "./gone.js";`],
];

const clean = {
  "core/src/index.ts": `export const core = 1;`,
  "core/src/wiring.ts": `import "inversify";`,
  "core/src/conformance/ok.suite.ts": `import "chai"; import "../index.js";`,
  "core/test/ok.test.ts": `import "chai"; import "node:fs"; import "../src/index.js";`,
  "adapters/local/src/index.ts": `import "@punctual/core"; import "node:fs";`,
  "adapters/local/src/wiring.ts": `import "inversify"; import "@punctual/core/wiring";`,
  "adapters/local/src/config.ts": `export const config = 1;`,
  "adapters/aws/src/ok.ts": `import "@aws-sdk/client-sqs"; import "@punctual/core";`,
  "stacks/release/src/aws/ok.ts": `import "@aws-sdk/client-sqs";`,
  "adapters/gcp/src/ok.ts": `import "@google-cloud/pubsub";`,
  "adapters/postgres/src/ok.ts": `import "pg"; import "@mikro-orm/core";`,
  "adapters/postgres/src/orm.ts": `import "@mikro-orm/core";`,
  "adapters/postgres/src/server/index.ts": `export const server = 1;`,
  "adapters/redis/stack/src/index.ts": `import "@pulumi/pulumi"; import "../../../../stacks/aws/src/index.js";`,
  "adapters/webhook/src/ok.ts": `import "undici";`,
  "apps/api/src/index.ts": `import "koa"; import "@punctual/core"; import "../../../adapters/local/src/config.js";`,
  "apps/api/src/contract/ok.ts": `export const contract = 1;`,
  "apps/api/test/ok.test.ts": `import "pg"; import "../../../adapters/local/src/index.js";`,
  "apps/worker/src/ok.ts": `import "../../../adapters/local/src/wiring.js";`,
  "apps/cli/src/ok.ts": `import "../../api/src/contract/ok.js";`,
  "apps/standalone/src/main.ts": `import "../../../adapters/postgres/src/server/index.js";`,
  "apps/standalone/src/container.ts": `import "inversify"; import "../../api/src/index.js"; import "../../worker/src/ok.js";`,
  "examples/own/src/index.ts": `import "@pulumi/pulumi";`,
  "stacks/aws/src/index.ts": `import "@pulumi/pulumi";`,
  "stacks/release/src/gcp/ok.ts": `import "@google-cloud/pubsub";`,
  "stacks/src/index.ts": `import "../../adapters/local/src/config.js";`,
  "simulation/src/index.ts": `import "@punctual/core"; import "@punctual/adapter-local"; import "node:fs";`,
  "bench/src/index.ts": `import "@punctual/core"; import "../../apps/api/src/index.js"; import "undici"; import "pg";`,
};

const libraries = {
  dependencies: [
    "@aws-sdk/client-sqs",
    "@google-cloud/pubsub",
    "@mikro-orm/core",
    "@pulumi/pulumi",
    "inversify",
    "koa",
    "pg",
    "pino",
    "undici",
  ],
  devDependencies: ["chai"],
  undeclared: ["left-out"],
};

/** Lays the tree out in a new temporary folder: the files above, their packages, and libraries that hold nothing. */
async function plant() {
  const tree = await mkdtemp(join(tmpdir(), "import-rules-"));
  const put = async (path, content) => {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), typeof content === "string" ? `${content}\n` : JSON.stringify(content));
  };
  const versions = (names) => Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  const dependencies = {
    ...versions(libraries.dependencies),
    "@punctual/core": "1.0.0",
    "@punctual/adapter-local": "1.0.0",
  };

  for (const [path, text] of Object.entries(clean)) await put(path, text);
  for (const [, path, text] of crossings) await put(path, text);
  await put("core/src/o2.ts", `import "./o1.js";`); // the other end of the circle
  await put("package.json", { type: "module", devDependencies: versions(libraries.devDependencies) });
  await cp(join(root, "tsconfig.base.json"), join(tree, "tsconfig.base.json"));
  for (const folder of ["core", "stacks", "simulation", "bench", "adapters/*", "apps/*", "examples/*"])
    for (const path of folder.endsWith("*") ? await readdir(join(tree, dirname(folder))) : [folder]) {
      const where = folder.endsWith("*") ? join(dirname(folder), path) : path;
      const name = `@punctual/${where.replace("adapters/", "adapter-").replace("apps/", "")}`;
      const exports = {
        ".": { "@punctual/source": "./src/index.ts" },
        "./wiring": { "@punctual/source": "./src/wiring.ts" },
      };
      await put(join(where, "package.json"), { name, type: "module", exports, dependencies });
    }
  for (const name of Object.values(libraries).flat()) {
    await put(`node_modules/${name}/package.json`, { name, version: "1.0.0", main: "index.js", types: "index.d.ts" });
    await put(`node_modules/${name}/index.js`, "module.exports = {};");
    await put(`node_modules/${name}/index.d.ts`, "export {};");
  }
  await mkdir(join(tree, "node_modules/@punctual"));
  await symlink(join(tree, "core"), join(tree, "node_modules/@punctual/core"));
  await symlink(join(tree, "adapters/local"), join(tree, "node_modules/@punctual/adapter-local"));
  return tree;
}

/** Runs the command of `npm run imports` on `tree`; it exits with the number of violations, so that is no error here. */
async function cruise(tree) {
  const command = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const folders = await readdir(tree, { withFileTypes: true });
  const args = [
    command,
    ...folders.filter((entry) => entry.isDirectory() && entry.name !== "node_modules").map((entry) => entry.name),
    ...["--config", join(root, ".dependency-cruiser.cjs"), "--output-type", "json"],
  ];
  const output = await new Promise((done) => {
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 2 ** 26 }, (_, stdout, stderr) => done(stdout || stderr));
  });
  return JSON.parse(output).summary.violations.map(({ from, rule }) => `${rule.name} in ${from}`);
}

describe(".dependency-cruiser.cjs", () => {
  let tree;
  let reported;
  before(async function () {
    this.timeout(60_000);
    tree = await plant();
    reported = await cruise(tree);
  });
  after(() => rm(tree, { recursive: true, force: true }));

  for (const [rule, path, text] of crossings)
    it(`reports ${rule} in ${path}: ${text}`, () => {
      expect(reported).to.include(`${rule} in ${path}`);
    });

  it("reports nothing in files that keep the rules", () => {
    const others = reported.filter((line) => Object.keys(clean).some((path) => line.endsWith(` in ${path}`)));
    expect(others).to.deep.equal([]);
  });

  it("has each rule in the table above", () => {
    const rules = require(join(root, ".dependency-cruiser.cjs")).forbidden.map(({ name }) => name);
    expect(crossings.map(([rule]) => rule)).to.include.members(rules);
  });
});

describe("npm run imports", () => {
  it("looks into every workspace", async () => {
    const { scripts, workspaces } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const folders = [...new Set(workspaces.map((workspace) => workspace.split("/")[0]))];
    expect(scripts.imports.split(" ")).to.include.members(folders);
  });
});
