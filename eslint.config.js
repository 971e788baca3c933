/*
 * What a linter can see of the house's rules. The import rules stand here for the editor, by the words of the import,
 * and in .dependency-cruiser.cjs for good, by the file that the import leads to. scripts/test/import-rules.test.mjs
 * breaks each of them once; a rule that you add goes into its table too.
 */
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const typescript = ["**/*.{ts,tsx,mts,cts}"];
const product = [
  "core/**",
  "sdk/**",
  "adapters/**",
  "apps/**",
  "stacks/**",
  "simulation/**",
  "crash/**",
  "trials/**",
  "bench/**",
  "examples/**",
];
/** The one file of the core that may ask Node for something: `hash`, a pure function, makes the id of an event. */
const eventIds = "core/src/recurrence/occurrence.ts";
const sources = [
  "{core,sdk,simulation,crash,trials,bench,stacks}/src/**",
  "{adapters,apps,sdk,stacks}/*/src/**",
  "stacks/bootstrap/*/src/**",
  "{adapters/*/stack,examples/*}/src/**",
];
const tests = ["**/test/**"];

/** A rule that reports every node which one of its selectors finds. Unlike `no-restricted-syntax` it has its own name. */
const reports = (message, ...selectors) => ({
  meta: { type: "problem", schema: [] },
  create: (context) =>
    Object.fromEntries(selectors.map((selector) => [selector, (node) => context.report({ node, message })])),
});

const timer = "/^set(Timeout|Interval)$/";
const timerModule = "/^(node:)?timers(\\u002fpromises)?$/";

const punctual = {
  rules: {
    "no-computed-delay": reports(
      "Node fires at once when a delay exceeds 2^31-1 ms, so a computed one goes through the capped sleeper of adapters/local.",
      `CallExpression[callee.name=${timer}][arguments.length>1]:not([arguments.1.type="Literal"])`,
      `CallExpression[callee.object.name=/^(globalThis|global|window)$/][callee.property.name=${timer}][arguments.length>1]:not([arguments.1.type="Literal"])`,
      `CallExpression[callee.name=${timer}][arguments.1.value>2147483647]`,
      `ImportDeclaration[source.value=${timerModule}]`,
      `ImportExpression[source.value=${timerModule}]`,
    ),
    "env-in-main-only": reports(
      "The environment is read in main.ts and in the entries of functions; take a config object instead.",
      'MemberExpression[object.name="process"][property.name="env"]',
      'MemberExpression[object.name="process"][property.value="env"]',
      'MemberExpression[object.property.name="process"][property.name="env"]',
      'VariableDeclarator[init.name="process"] > ObjectPattern > Property[key.name="env"]',
      'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]',
    ),
    "no-machine-time": reports(
      "The core neither asks the machine what time it is nor in which zone it stands: take an instant, a Clock or ZoneRules.",
      'NewExpression[callee.name="Date"][arguments.length=0]',
      'NewExpression[callee.name="Date"][arguments.length>1]',
      'CallExpression[callee.name="Date"]',
    ),
    "no-default-export": reports(
      "Exports are named, never default.",
      "ExportDefaultDeclaration",
      'ExportSpecifier[exported.name="default"]',
    ),
    "no-decorators": reports("There are no decorators: a plain class is bound in wiring.ts.", "Decorator"),
  },
};

/** Where each library that talks to the outside is at home. */
const homes = {
  "adapters/aws": ["@aws-sdk", "@smithy"],
  "adapters/gcp": ["@google-cloud", "google-auth-library", "google-gax"],
  "adapters/redis": ["@redis"],
  "adapters/postgres": ["@mikro-orm", "pg", "pg-copy-streams", "kysely"],
  "adapters/webhook": ["undici"],
  "adapters/telemetry": ["@opentelemetry", "pino"],
  apps: ["koa", "@koa"],
};

const anyOf = (names) => `(?:${names.join("|")})(?:/|$)`;

const awayFromHome = (home) => ({
  regex: `^${anyOf(
    Object.entries(homes)
      .filter(([name]) => name !== home)
      .flatMap(([, libraries]) => libraries),
  )}`,
  message: "This library belongs to one adapter (or to apps); others ask a port. The table is in eslint.config.js.",
});

/** Imports of workspace packages, by name or by a path that leads out of the importing one. */
const workspacesBut = (allowed, message) => {
  const folders = ["core", "sdk", "adapters", "apps", "stacks", "simulation", "crash", "trials", "bench"].filter(
    (folder) => !allowed.includes(folder),
  );
  const packages = allowed.map((folder) => (folder === "sdk" ? "adapter-sdk" : folder));
  return [
    { regex: packages.length > 0 ? `^@punctual/(?!${anyOf(packages)})` : "^@punctual(?:/|$)", message },
    { regex: `^\\.\\./(?:.*/)?(?:${folders.join("|")})/`, message },
  ];
};

// That inversify stays in wiring.ts is a rule of its own, so that the two need not be combined for each folder.
const inversify = ["inversify", "@inversifyjs", "reflect-metadata"];

/** `files` may import what matches none of `patterns`. Of several zones that hold a file the last one counts. */
const zone = (files, patterns, extra = {}) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns, ...extra }] },
});

const coreAlone = workspacesBut(["core"], "The core imports nothing but itself.");
const coreAndPackages = (packages, files, extra = {}) =>
  zone(
    files,
    [
      {
        regex: `^(?!\\.{1,2}(?:/|$))(?!${anyOf([...inversify, ...packages])})`,
        message:
          "core/src imports itself by relative paths and no package or Node module. A library that the core cannot do " +
          "without is a decision (docs/decisions), named in eslint.config.js and .dependency-cruiser.cjs.",
      },
      ...coreAlone,
    ],
    extra,
  );

const appsAlone = ["stacks?(?:-[^/]+)?", "simulation", "crash", "trials", "bench"].map((folder) => ({
  regex: `^(?:@punctual|\\.\\./(?:.*/)?)/?${folder}(?:/|$)`,
  message: "An app imports the core, adapters and the API's contract.",
}));

const stackAlone = {
  regex:
    "^@punctual/(?:core(?:/|$)|adapter-[^/]+(?:$|/(?!(?:config|metrics)$))|api(?:$|/(?!contract$))|functions(?:/|$))",
  message:
    "A stack imports Pulumi, the adapters' config and metrics, and the API's contract, nothing that connects to anything.",
};

const importRules = [
  coreAndPackages([], ["core/src/**"]),
  coreAndPackages(["chai"], ["core/src/conformance/**"]),
  coreAndPackages(["node:crypto"], [eventIds], {
    paths: [
      {
        name: "node:crypto",
        allowImportNames: ["hash"],
        message: "Only `hash`, which is a pure function: an id is made of what it names, never of chance.",
      },
    ],
  }),
  zone(["core/test/**"], [...coreAlone, awayFromHome("core")]),
  zone(["sdk/**"], [...workspacesBut(["core", "sdk"], "The adapter SDK imports the core alone."), awayFromHome("sdk")]),
  ...["adapters/*", ...Object.keys(homes).filter((home) => home.startsWith("adapters/"))].map((home) =>
    zone(
      [`${home}/**`],
      [
        ...workspacesBut(["core", "sdk"], "An adapter imports the core and the SDKs, never another adapter or an app."),
        awayFromHome(home),
      ],
    ),
  ),
  zone(
    ["adapters/redis/**"],
    [
      ...workspacesBut(["sdk"], "This adapter shows that the SDK is enough: it imports nothing else of ours."),
      awayFromHome("adapters/redis"),
    ],
  ),
  zone(
    ["adapters/*/stack/**"],
    [
      {
        regex: "^@punctual/(?!stack-(?:aws|gcp|blueprint)$)|^\\.\\./(?:.*/)?(?:core|sdk|apps|stacks)/",
        message: "What a transport is made of imports Pulumi, the blueprint, and what the clouds say of themselves.",
      },
      awayFromHome("stacks"),
    ],
  ),
  zone(["adapters/*/stack/test/**"], []),
  zone(["apps/**"], [...appsAlone, awayFromHome("apps")]),
  // A test looks at what an app has done, with whatever shows it.
  zone(["apps/*/test/**"], appsAlone),
  zone(["stacks/**"], [stackAlone, awayFromHome("stacks")]),
  // What releases speaks to the cloud itself, for the cloud of its folder alone.
  ...["aws", "gcp"].map((cloud) =>
    zone([`stacks/release/src/${cloud}/**`], [stackAlone, awayFromHome(`adapters/${cloud}`)]),
  ),
  zone(
    ["examples/**"],
    [
      {
        regex: "^@punctual/(?!stack-(?:aws|gcp|blueprint)$)|^\\.\\./(?:.*/)?(?:core|sdk|adapters|apps|stacks)/",
        message: "A program of another team has what packages export to it.",
      },
      awayFromHome("examples"),
    ],
  ),
  zone(["examples/*/test/**"], []),
  // A test holds what a stack says against what runs on it.
  zone(["stacks/test/**", "stacks/*/test/**"], []),
  zone(
    ["simulation/**", "crash/**", "trials/**", "bench/**"],
    [{ regex: "^@punctual/(?:app|stack)|^\\.\\./(?:.*/)?(?:apps|stacks)/", message: "Import the core and adapters." }],
  ),
  {
    files: product,
    ignores: ["**/{wiring,container}.ts", "**/{wiring,container}.test.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: `^${anyOf(inversify)}`, message: "Inversify is known to wiring.ts and container.ts alone." },
          ],
        },
      ],
    },
  },
];

const restrict = (names, message) => names.map((name) => ({ name, message }));

const machine = restrict(
  [
    ...["process", "global", "globalThis", "console", "Buffer", "require"],
    ...["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate"],
    ...["queueMicrotask", "fetch", "performance", "crypto", "WebSocket", "EventSource", "navigator"],
  ],
  "The core does no I/O: ask a port (Clock, Ids, Rng, …), or do it in an adapter or an app.",
);
const mochaGlobals = restrict(
  ["describe", "context", "it", "specify", "before", "after", "beforeEach", "afterEach"],
  "Tests stand in test/, suites for adapters in core/src/conformance.",
);

const machineProperties = [
  ...["Date.now", "Math.random", "crypto.randomUUID", "crypto.getRandomValues", "AbortSignal.timeout"].map((path) => {
    const [object, property] = path.split(".");
    return { object, property, message: "Ask a port: the same input always gives the same result." };
  }),
  ...[
    ...["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"].flatMap((part) => [
      `get${part}`,
      `set${part}`,
    ]),
    ...["getDay", "getTimezoneOffset", "toDateString", "toTimeString"],
    ...["toLocaleString", "toLocaleDateString", "toLocaleTimeString"],
  ].map((property) => ({ property, message: "It depends on the machine's own zone or language. Use the UTC form." })),
];

/** Of ESLint's own rules those that find mistakes which neither the compiler nor typescript-eslint reports. */
const mistakes = Object.fromEntries(
  [
    ...["no-async-promise-executor", "no-case-declarations", "no-compare-neg-zero", "no-cond-assign", "no-debugger"],
    ...["no-constant-binary-expression", "no-control-regex", "no-duplicate-case", "no-dupe-else-if", "no-empty"],
    ...["no-empty-character-class", "no-empty-pattern", "no-ex-assign", "no-extra-boolean-cast", "no-fallthrough"],
    ...["no-invalid-regexp", "no-irregular-whitespace", "no-loss-of-precision", "no-misleading-character-class"],
    ...["no-prototype-builtins", "no-regex-spaces", "no-self-assign", "no-self-compare", "no-sparse-arrays"],
    ...["no-template-curly-in-string", "no-unmodified-loop-condition", "no-unsafe-finally", "no-unused-labels"],
    ...["no-unsafe-optional-chaining", "no-useless-assignment", "no-useless-backreference", "no-useless-catch"],
    ...["no-useless-escape", "no-var", "object-shorthand", "prefer-const", "preserve-caught-error", "require-yield"],
    ...["use-isnan", "valid-typeof"],
  ].map((name) => [name, "error"]),
);

export default defineConfig(
  { ignores: ["**/dist/", "**/node_modules/", "**/coverage/", "bench/results/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },

  { rules: { ...mistakes, eqeqeq: "error" } },

  {
    files: typescript,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // A port's method is async whether or not this adapter has something to wait for: what it throws is a rejection.
      "@typescript-eslint/require-await": "off",
    },
  },

  {
    files: product,
    plugins: { punctual },
    rules: {
      "punctual/env-in-main-only": "error",
      "punctual/no-computed-delay": "error",
      "punctual/no-decorators": "error",
      "punctual/no-default-export": "error",
    },
  },
  // Pulumi runs what the entry of a program exports by default.
  {
    files: [
      "stacks/src/index.ts",
      "examples/*/src/index.ts",
      "stacks/bootstrap/*/src/index.ts",
      "stacks/testkit/test/fixtures/**",
    ],
    rules: { "punctual/no-default-export": "off" },
  },
  {
    files: ["**/main.ts", "apps/functions/src/*/entries/*.ts", ...tests],
    rules: { "punctual/env-in-main-only": "off" },
  },
  { files: ["adapters/local/**"], rules: { "punctual/no-computed-delay": "off" } },
  { files: ["**/*.config.{ts,js}"], rules: { "punctual/no-default-export": "off" } },

  { files: sources, rules: { "no-restricted-globals": ["error", ...mochaGlobals] } },
  {
    files: ["core/src/**"],
    rules: {
      "no-restricted-globals": ["error", ...machine, ...mochaGlobals],
      "no-restricted-properties": ["error", ...machineProperties],
      "punctual/no-machine-time": "error",
    },
  },
  { files: ["core/src/conformance/**"], rules: { "no-restricted-globals": ["error", ...machine] } },
  { files: ["stacks/{testkit,release}/src/conformance/**"], rules: { "no-restricted-globals": "off" } },

  ...importRules,

  {
    // `expect(x).to.be.true` is an expression that does something.
    files: [...tests, "core/src/conformance/**", "stacks/{testkit,release}/src/conformance/**"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  {
    // Two calls of a random generator only look alike, and a fake has no `this` to lose.
    files: tests,
    rules: { "no-dupe-else-if": "off", "@typescript-eslint/unbound-method": "off" },
  },

  {
    files: ["**/*.{js,mjs,cjs}"],
    extends: [tseslint.configs.base],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...["process", "console", "URL", "require", "module", "__dirname", "setTimeout", "clearTimeout"],
          ...["describe", "it", "before", "after", "beforeEach", "afterEach"],
        ].map((name) => [name, "readonly"]),
      ),
    },
    rules: { "no-undef": "error" },
  },
);
