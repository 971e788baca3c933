import { workerFor } from "../worker.js";
import { environmentOf } from "../environment.js";

export const handler = workerFor(await environmentOf(process.env));
