export { AwsContainers, type ContainersArgs, type MigrationTask } from "./containers.js";
export { objectionsToContainers } from "./domain.js";
