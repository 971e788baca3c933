export { GcpContainers } from "./containers.js";
export { type CollectorPart, type ContainerName, CONTAINERS, type ContainersArgs, type SecretPart } from "./parts.js";
