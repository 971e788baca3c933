import { workerFor } from "../worker.js";
import { run } from "../run.js";

await run(async () => workerFor(process.env));
