import { schedules } from "@punctual/api/contract";
import type { ApiClient } from "../api/client.js";
import { EXIT } from "../exit-codes.js";
import { failureOf } from "../failure.js";
import { type Check, failed, ok, skipped } from "./check.js";

/** Whether the API can be reached and is ready, and whether it lets us in. */
export async function checkApi(api: ApiClient, { isGiven }: { readonly isGiven: boolean }): Promise<readonly Check[]> {
  try {
    await api.ready();
  } catch (error) {
    const { message, details } = failureOf(error);
    const refused = message.includes("ECONNREFUSED");
    const nobody = `nothing listens at ${api.url}, and PUNCTUAL_URL names no other`;
    if (refused && !isGiven) return [skipped("API", nobody), skipped("access", "the API cannot be asked")];
    const fix = details[0] ?? "check PUNCTUAL_URL, and what the API says in its log";
    return [failed("API", message, fix), skipped("access", "the API cannot be asked")];
  }
  return [ok("API", `${api.url} is ready`), await accessTo(api)];
}

async function accessTo(api: ApiClient): Promise<Check> {
  try {
    await api.call(schedules.list, { query: { limit: 1 } });
    return ok("access", "schedules can be read");
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    const token = "set PUNCTUAL_TOKEN to a token of the role admin or service";
    return failed("access", message, exitCode === EXIT.forbidden ? token : "see what the API says in its log");
  }
}
