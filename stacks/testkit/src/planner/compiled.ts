import { enableCompileCache } from "node:module";
import path from "node:path";
import { RUNNER } from "./runner.js";

// Loaded into the process of a program before what it runs: the same megabytes of SDKs are compiled by each.
const [modules = ""] = RUNNER.split(path.join("@pulumi", "pulumi"));
enableCompileCache(path.join(modules, ".cache/punctual-plan"));
