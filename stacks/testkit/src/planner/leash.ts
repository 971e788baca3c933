import { stdin } from "node:process";

// Loaded into the process of a program before anything else: when the planner at the other end of its standard input is
// gone, for whatever reason, the program goes too.
stdin.once("close", () => process.exit(1)).resume();
// A program that is done must not wait for that.
stdin.unref();
