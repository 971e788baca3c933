import { apiFor } from "../api.js";
import { run } from "../run.js";

await run(async () => apiFor(process.env));
