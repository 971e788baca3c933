import { deadLettersFor } from "../dead-letters.js";
import { run } from "../run.js";

await run(async () => deadLettersFor(process.env));
