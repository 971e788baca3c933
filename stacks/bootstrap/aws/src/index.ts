import { Config, RunError } from "@pulumi/pulumi";
import { provisionAccount } from "./account.js";
import { readAccountSettings } from "./settings.js";

/** What `pulumi up` runs, once for each account. */
export default async function program() {
  const { ok, wrong } = readAccountSettings(new Config().getObject("account"));
  if (ok === undefined) throw new RunError(["This account cannot be planned:", ...wrong].join("\n  - "));
  return provisionAccount(ok);
}
