import { schedulerFor } from "../scheduler.js";
import { run } from "../run.js";

await run(async () => schedulerFor(process.env));
