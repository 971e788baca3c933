import { API_VERSION, defineTransport } from "@punctual/adapter-sdk";
import { CLOUD_TASKS_CAPABILITIES } from "./tasks/capabilities.js";
import { CLOUD_TASKS_CONFIG, type CloudTasksConfig } from "./tasks/config.js";
import { openCloudTasks } from "./tasks/open-cloud-tasks.js";

/** Cloud Tasks, for a program that is told by `PUNCTUAL_TRANSPORT=@punctual/adapter-gcp/cloud-tasks` to use it. */
export const transport = defineTransport<CloudTasksConfig>({
  name: "cloud-tasks",
  apiVersion: API_VERSION,
  capabilities: CLOUD_TASKS_CAPABILITIES,
  config: CLOUD_TASKS_CONFIG,
  create: ({ config, ...deps }) => openCloudTasks(config, deps),
});
