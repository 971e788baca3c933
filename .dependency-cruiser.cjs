/*
 * Who may import whom, by the file that an import leads to. CONTRIBUTING.md has the same as a table, eslint.config.js
 * says it in the editor, and scripts/test/import-rules.test.mjs breaks each rule once.
 */
"use strict";

const { basename } = require("node:path");

const packages = (...names) => `(?:^|/)node_modules/(?:${names.join("|")})(?:/|$)|^(?:${names.join("|")})(?:/|$)`;

/**
 * What talks to the outside, and where it is at home. `bench` compares with the bare libraries, tests set things up, and what
 * releases a stack asks its cloud.
 */
const atHome = (home, ...names) => ({
  name: `sdk-at-home-in-${home.replace("/", "-")}`,
  comment: `${names.join(", ")}: others ask a port`,
  severity: "error",
  from: {
    path: "^(core|sdk|adapters|apps|stacks|simulation)/",
    // What releases speaks to the cloud itself, for the cloud of its folder alone.
    pathNot: [`^${home}/`, `^stacks/release/(src|test)/${basename(home)}/`, "^apps/[^/]+/test/"],
  },
  to: { path: packages(...names) },
});

/** The one file of the core that may ask Node for something: `hash`, a pure function, makes the id of an event. */
const HASHES = "^core/src/recurrence/occurrence\\.ts$";

module.exports = {
  forbidden: [
    {
      name: "core-imports-itself",
      severity: "error",
      from: { path: "^core/" },
      to: { path: "^(sdk|adapters|apps|stacks|simulation|crash|trials|bench)/" },
    },
    {
      name: "core-without-node",
      comment: "core/src does no I/O",
      severity: "error",
      from: { path: "^core/src/", pathNot: HASHES },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "event-id-only-hashes",
      severity: "error",
      from: { path: HASHES },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    {
      name: "core-without-packages",
      comment:
        "a library that the core cannot do without is a decision, and its name goes here and in eslint.config.js",
      severity: "error",
      from: { path: "^core/src/", pathNot: "^core/src/conformance/" },
      to: {
        dependencyTypesNot: ["local", "core", "aliased"],
        pathNot: ["^core/", packages("inversify", "@inversifyjs", "reflect-metadata")],
      },
    },
    {
      name: "conformance-with-chai-alone",
      severity: "error",
      from: { path: "^core/src/conformance/" },
      to: { dependencyTypesNot: ["local", "core", "aliased"], pathNot: ["^core/", packages("chai", "@types/chai")] },
    },
    {
      name: "sdk-imports-core",
      severity: "error",
      from: { path: "^sdk/" },
      to: { path: "^(adapters|apps|stacks|simulation|crash|trials|bench)/" },
    },
    {
      name: "adapter-imports-core",
      comment: "and the adapter SDK; never another adapter, an app or a stack",
      severity: "error",
      from: { path: "^adapters/([^/]+)/", pathNot: "^adapters/[^/]+/stack/" },
      to: { path: "^(adapters|apps|stacks|simulation|crash|trials|bench)/", pathNot: "^adapters/$1/" },
    },
    {
      name: "redis-imports-sdk-alone",
      comment: "it shows that a transport can be written with nothing else of ours",
      severity: "error",
      from: { path: "^adapters/redis/", pathNot: "^adapters/redis/stack/" },
      to: { path: "^(core|adapters|apps|stacks|simulation|crash|trials|bench)/", pathNot: "^adapters/redis/" },
    },
    {
      name: "transport-stack-imports-clouds",
      comment: "what a transport is made of is known by what packages export, as it would be elsewhere",
      severity: "error",
      from: { path: "^adapters/([^/]+)/stack/src/" },
      to: {
        path: "^(core|sdk|adapters|apps|stacks|simulation|crash|trials|bench)/",
        pathNot: ["^adapters/$1/stack/", "^stacks/(aws|gcp|blueprint)/src/index\\.ts$"],
      },
    },
    {
      name: "pulumi-in-stacks",
      comment: "what runs is installed without it",
      severity: "error",
      from: { pathNot: "^(stacks|examples|adapters/[^/]+/stack)/|(^|/)node_modules/" },
      to: { path: packages("@pulumi") + "|^adapters/[^/]+/stack/" },
    },
    {
      name: "example-imports-packages",
      comment: "an example shows what anybody can do with what packages export",
      severity: "error",
      from: { path: "^examples/([^/]+)/src/" },
      to: {
        path: "^(core|sdk|adapters|apps|stacks|simulation|crash|trials|bench)/",
        pathNot: "^stacks/(aws|gcp|blueprint)/src/index\\.ts$",
      },
    },
    {
      name: "app-imports-no-app",
      comment: "but for standalone and functions, which compose them, and the API's contract, which its clients share",
      severity: "error",
      from: { path: "^apps/([^/]+)/", pathNot: "^apps/(standalone|functions)/" },
      to: { path: "^apps/", pathNot: ["^apps/$1/", "^apps/api/src/contract/"] },
    },
    {
      name: "app-takes-wiring-and-config",
      comment: "of an adapter an app knows how it is wired, configured and set up; the rest it knows as a port",
      severity: "error",
      from: { path: "^apps/[^/]+/src/" },
      to: { path: "^adapters/", pathNot: "^adapters/[^/]+/src/(wiring|config|migrate|logs/wiring|server/index)\\.ts$" },
    },
    {
      name: "hot-path-without-orm",
      comment: "whoever claims, sends or answers starts fast: the ORM takes a third of a second to load",
      severity: "error",
      from: { path: "^adapters/postgres/src/(stores/|wiring\\.ts$)" },
      to: { path: packages("@mikro-orm", "kysely"), reachable: true },
    },
    {
      name: "app-imports-core-and-adapters",
      severity: "error",
      from: { path: "^apps/" },
      to: { path: "^(stacks|simulation|crash|trials|bench)/" },
    },
    {
      name: "stack-imports-config",
      comment:
        "a stack knows which variables an adapter reads, what it measures and what the API says, and nothing that connects to anything",
      severity: "error",
      from: { path: "^stacks/", pathNot: ["^stacks/test/", "^stacks/[^/]+/test/"] },
      to: {
        path: "^(core|sdk|adapters|apps|simulation|crash|trials|bench)/",
        pathNot: ["^adapters/[^/]+/src/(config|telemetry/emf-metrics)\\.ts$", "^apps/api/src/contract/"],
      },
    },
    {
      name: "simulation-imports-core-and-adapters",
      severity: "error",
      from: { path: "^(simulation|crash|trials)/" },
      to: { path: "^(apps|stacks|simulation|crash|trials|bench)/", pathNot: "^$1/" },
    },
    {
      name: "bench-imports-core-adapters-and-api",
      comment: "the API by what it shows to the apps that make one: a bench measures the real one",
      severity: "error",
      from: { path: "^bench/" },
      to: { path: "^(apps|stacks|simulation|crash|trials)/", pathNot: "^apps/api/src/index\\.ts$" },
    },
    atHome("adapters/aws", "@aws-sdk", "@smithy"),
    atHome("adapters/gcp", "@google-cloud", "google-auth-library", "google-gax"),
    atHome("adapters/redis", "@redis"),
    atHome("adapters/postgres", "@mikro-orm", "pg", "pg-copy-streams", "kysely"),
    atHome("adapters/webhook", "undici"),
    atHome("adapters/telemetry", "@opentelemetry", "pino"),
    atHome("apps", "koa", "@koa"),
    {
      name: "inversify-in-wiring",
      severity: "error",
      from: { pathNot: "(^|/)(wiring|container)(\\.test)?\\.ts$|(^|/)node_modules/" },
      to: { path: packages("inversify", "@inversifyjs", "reflect-metadata") },
    },
    {
      name: "source-without-tests",
      severity: "error",
      from: { path: "/src/", pathNot: "(^|/)node_modules/" },
      to: { path: "/test/", pathNot: "(^|/)node_modules/" },
    },
    {
      name: "source-on-declared-packages",
      comment: "what src/ imports when it runs stands in `dependencies` of its own package.json",
      severity: "error",
      from: { path: "/src/", pathNot: ["(^|/)node_modules/", "^core/src/conformance/", "^bench/"] },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["type-only", "npm", "npm-peer", "npm-optional"],
      },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "(^|/)dist/" },
    tsConfig: { fileName: "tsconfig.base.json" },
    tsPreCompilationDeps: true,
    // A workspace's dependencies are those of its own package.json and of the root's.
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@punctual/source", "import", "node", "default"],
    },
  },
};
