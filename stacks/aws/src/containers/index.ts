export { AwsContainers, type ContainersArgs, type MigrationTask } from "./containers.js";
