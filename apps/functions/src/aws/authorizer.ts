import { type AuthorizerHandler, authorizerHandler, within } from "@punctual/adapter-aws/wiring";
import { authenticatorFor } from "@punctual/api/auth";
import { apiConfigOf, contradictionsIn } from "@punctual/api/variables";
import { type Environment, read } from "../config.js";
import { baseOf } from "./base.js";
import { SHAPES } from "./shapes.js";
import { KNOWN } from "./variables.js";

/** Everybody may ask a function: there is no loopback. */
const ANYWHERE = "0.0.0.0";

/** Tells the gateway who asks, once for all that the token may ask for. */
export function authorizerFor(environment: Environment): AuthorizerHandler {
  const config = read(environment, SHAPES.authorizer, KNOWN, contradictionsIn);
  const base = baseOf(config);
  const { clock, telemetry } = base;
  const authenticator = authenticatorFor(apiConfigOf(config).auth, ANYWHERE, { clock });
  const handle = authorizerHandler(
    async (authorization) => {
      const { subject, tenant, role } = await authenticator.authenticate(authorization);
      return { subject, tenant, roles: [role] };
    },
    clock,
    telemetry,
  );
  const around = base.around();
  return async (event) => within(around, () => handle(event));
}
