import { healthFor } from "../health.js";
import { environmentOf } from "../environment.js";

export const handler = healthFor(await environmentOf(process.env));
