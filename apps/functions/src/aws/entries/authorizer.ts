import { authorizerFor } from "../authorizer.js";
import { environmentOf } from "../environment.js";

export const handler = authorizerFor(await environmentOf(process.env));
