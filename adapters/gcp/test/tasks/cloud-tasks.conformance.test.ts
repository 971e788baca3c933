import { describeTransport } from "@punctual/adapter-sdk/conformance";
import { startTasks, tasksHarness } from "../support/tasks-harness.js";

describe("on a Cloud Tasks of our own", () => {
  let tasks: Awaited<ReturnType<typeof startTasks>>;
  before(async () => void (tasks = await startTasks()));
  after(() => tasks.stop());
  describeTransport(
    "CloudTasksTransport",
    tasksHarness(() => tasks),
  );
});
