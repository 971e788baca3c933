import { importOr } from "./import-from.js";
import type { Variables } from "./load-transport.js";

/** Gives the password of a new connection to the database. It is asked for with each, since it may be good for minutes alone. */
export type Login = () => Promise<string>;

/** What a package exports as `openLogin`. It is told where the database is, and what is not ours: other secrets are not its business. */
export type OpenLogin = (environment: Variables) => Login | Promise<Login>;

/** Why a login cannot be used, and none of what the variables hold. */
export class BadLogin extends Error {
  override readonly name = "BadLogin";

  constructor(specifier: string, problem: string, options?: ErrorOptions) {
    super(`The login ${specifier} cannot be used: ${problem}`, options);
  }
}

/**
 * Opens the login of a package, a path or a `file:` URL: its module exports a function `openLogin`. `from` is the folder that a
 * relative path starts from, and from which a package is looked for. What `openLogin` throws goes up as it is.
 */
export async function loadLogin(specifier: string, environment: Variables, from: string): Promise<Login> {
  const { openLogin } = await importOr(
    specifier,
    from,
    (problem, options) => new BadLogin(specifier, problem, options),
  );
  if (typeof openLogin !== "function") throw new BadLogin(specifier, "its module has no function named `openLogin`");
  const login: unknown = await (openLogin as OpenLogin)(toldTo(environment));
  if (typeof login !== "function") throw new BadLogin(specifier, "its `openLogin` answers no function");
  return login as Login;
}

function toldTo(environment: Variables): Variables {
  const told = Object.entries(environment).filter(
    ([name]) => !name.startsWith("PUNCTUAL_") || name === "PUNCTUAL_DATABASE_URL",
  );
  return Object.fromEntries(told);
}
