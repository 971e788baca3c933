import { perform } from "./perform.js";
import { work } from "./worker.js";

await perform(work);
