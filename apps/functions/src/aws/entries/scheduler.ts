import { schedulerFor } from "../scheduler.js";
import { environmentOf } from "../environment.js";

export const handler = schedulerFor(await environmentOf(process.env));
