import { Config, RunError } from "@pulumi/pulumi";
import { provisionProject } from "./project.js";
import { readProjectSettings } from "./settings.js";

/** What `pulumi up` runs, once for each project. */
export default async function program() {
  const { ok, wrong } = readProjectSettings(new Config().getObject("project"));
  if (ok === undefined) throw new RunError(["This project cannot be planned:", ...wrong].join("\n  - "));
  return provisionProject(ok);
}
