import type { OpenLogin } from "@punctual/adapter-sdk";
import { databasePassword } from "./secrets/database-password.js";

/** Cloud SQL by the service account, for a program that is told by `PUNCTUAL_DATABASE_LOGIN=@punctual/adapter-gcp/login` to use it. */
export const openLogin: OpenLogin = () => databasePassword({ clock: { now: () => new Date() } });
