import { enableCompileCache, flushCompileCache } from "node:module";

// Victims start by the thousand, and hardly one lives to write the cache at its end: it is written as soon as all is loaded.
enableCompileCache();
const { live } = await import("./victim.js");
flushCompileCache();
await live();
