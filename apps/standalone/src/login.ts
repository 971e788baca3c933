import { BadLogin, InvalidInput, loadLogin, type Login } from "@punctual/adapter-sdk";
import { BadConfig, type LoginConfig } from "./config.js";

/** Opens what logs in to the database, or says what keeps it from being used. */
export async function openLogin({ specifier, environment }: LoginConfig): Promise<Login> {
  try {
    return await loadLogin(specifier, environment, process.cwd());
  } catch (error) {
    if (error instanceof BadLogin) throw new BadConfig(error.message, { cause: error });
    if (error instanceof InvalidInput) {
      throw new BadConfig(`The login ${specifier} cannot be used: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
