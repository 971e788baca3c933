#!/usr/bin/env node
/* Stands for docker, aws and gcloud: notes how it was called and what it was handed, and answers as they would. */
import { createHash } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { buffer } from "node:stream/consumers";

const [, program, ...args] = process.argv;
const input = await buffer(process.stdin);
const handed = input.length > 100 ? createHash("sha256").update(input).digest("hex") : input.toString("utf8");
appendFileSync(process.env.CALLS, `${JSON.stringify({ call: [basename(program), ...args], handed })}\n`);
if (args[0] === "save") writeFileSync(args[args.indexOf("--output") + 1], "an image");
if (args[0] === "ecr" || args[0] === "auth") console.log("a-proof");
if (args[0] === "image") console.log(process.env.DIGESTS);
process.exitCode = args[0] === process.env.FAILS ? 1 : 0;
