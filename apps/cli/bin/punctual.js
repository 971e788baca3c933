#!/usr/bin/env node
// An older Node would fail on what the program imports, before it could say why.
const [major] = process.versions.node.split(".");
if (Number(major) >= 24) await import("../dist/src/main.js");
else {
  console.error(`punctual: needs Node 24 or newer, and this is ${process.versions.node}`);
  process.exitCode = 1;
}
