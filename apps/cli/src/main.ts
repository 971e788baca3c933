import { EXIT } from "./exit-codes.js";
import { runProgram } from "./program.js";

const stopping = new AbortController();
// A second Ctrl-C does not wait for anything.
process.on("SIGINT", () => (stopping.signal.aborted ? process.exit(EXIT.interrupted) : stopping.abort()));
// Whoever reads us may have seen enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failure),
);
process.stderr.on("error", () => undefined);

const { stdin, stdout, stderr } = process;
const code = await runProgram(process.argv.slice(2), {
  streams: { stdin, stdout, stderr },
  env: process.env,
  signal: stopping.signal,
});
// What was written goes out first; what still waits for something, such as stdin, is not waited for.
for (const stream of [stdout, stderr]) await new Promise<void>((resolve) => stream.write("", () => resolve()));
process.exit(code);
