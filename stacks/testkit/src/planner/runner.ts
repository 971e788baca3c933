import { createRequire } from "node:module";

/** What Pulumi's host of Node programs starts. */
export const RUNNER = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run/index.js");
