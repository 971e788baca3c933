import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";

const ENTRIES = resolve(import.meta.dirname, "../../src/gcp/entries");

/** A program of Cloud Run in a process of its own, with this environment and nothing else. */
export function startEntry(name: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["--enable-source-maps", resolve(ENTRIES, `${name}.js`)], {
    env: { PATH: process.env["PATH"] ?? "", METADATA_SERVER_DETECTION: "none", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { promise: port, resolve: ready, reject } = Promise.withResolvers<number>();
  port.catch(() => undefined); // told to whoever asks
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { message, port: at } = JSON.parse(line) as { readonly message?: string; readonly port?: number };
    if (message === "ready" && at !== undefined) ready(at);
  });
  const errors = text(child.stderr);
  const ended = (async () => {
    await once(child, "close");
    reject(new Error(`It ended before it was ready: ${await errors}`));
    return { code: child.exitCode, errors: await errors };
  })();
  return {
    /** Where it listens, once it does. */
    port,
    /** How it ended, and what it said on standard error. */
    ended,
    signal: (name: "SIGTERM" | "SIGINT" | "SIGKILL") => child.kill(name),
  };
}
