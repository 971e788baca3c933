import { createRequire } from "node:module";
import { RUNNER } from "./runner.js";

// Loaded into the process of a program before what it runs. The SDK takes a trace for each promise and each resource, of
// an error without a message, and to look all of them up in source maps is a third of a program's time. Those of errors
// that say something are looked up as ever. What the runner installs by itself is there already, and so is not again.
(createRequire(RUNNER)("source-map-support") as { readonly install: () => void }).install();

const mapped = Error.prepareStackTrace.bind(Error);
Error.prepareStackTrace = (error, frames) =>
  error.message === "" ? ["Error", ...frames.map(String)].join("\n    at ") : (mapped(error, frames) as unknown);
