import type { OpenLogin } from "@punctual/adapter-sdk";
import { InvalidInput } from "@punctual/core";
import { databasePassword } from "./secrets/database-password.js";

/** RDS by the role of this process, for a program that is told by `PUNCTUAL_DATABASE_LOGIN=@punctual/adapter-aws/login` to use it. */
export const openLogin: OpenLogin = ({ PUNCTUAL_DATABASE_URL: url, AWS_REGION: region }) => {
  if (url === undefined || new URL(url).username === "") {
    const message = "PUNCTUAL_DATABASE_URL must name whom to log in as";
    throw new InvalidInput([{ pointer: "", code: "no_user", message }]);
  }
  return databasePassword({
    url,
    clock: { now: () => new Date() },
    ...(region !== undefined && region !== "" && { region }),
  });
};
