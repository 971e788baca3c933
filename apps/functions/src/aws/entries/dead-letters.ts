import { deadLettersFor } from "../dead-letters.js";
import { environmentOf } from "../environment.js";

export const handler = deadLettersFor(await environmentOf(process.env));
