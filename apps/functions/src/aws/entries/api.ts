import { apiFor } from "../api.js";
import { environmentOf } from "../environment.js";

export const handler = apiFor(await environmentOf(process.env));
