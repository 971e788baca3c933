import { getProject, getStack, runtime } from "@pulumi/pulumi";
import { configOf } from "./config.js";
import { provision } from "./provision.js";

/** What `pulumi up` runs. */
export default async function program() {
  const project = getProject();
  return provision({ project, name: getStack(), config: configOf(project, runtime.allConfig()) });
}
