import { fileURLToPath } from "node:url";
import { CLOUDS } from "./cli/clouds.js";
import { run } from "./cli/run.js";
import { machinePace } from "./pace.js";

const { PULUMI, PUNCTUAL_SMOKE_TOKEN: token, PUNCTUAL_SMOKE_URL: url } = process.env;

process.exitCode = await run(process.argv.slice(2), {
  root: fileURLToPath(new URL("../../../../", import.meta.url)),
  ...(PULUMI !== undefined && PULUMI !== "" && { pulumi: PULUMI }),
  smoke: { ...(token !== undefined && { token }), ...(url !== undefined && { url }) },
  clouds: CLOUDS,
  pace: machinePace,
  print: (text) => void process.stdout.write(text),
});
