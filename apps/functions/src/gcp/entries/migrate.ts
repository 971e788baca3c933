import { migrate } from "../migrate.js";
import { runOnce } from "../run.js";

await runOnce(async () => migrate(process.env));
