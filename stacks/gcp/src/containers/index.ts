export { GcpContainers } from "./containers.js";
export { runUrl } from "./environment.js";
export { type CollectorPart, type ContainerName, CONTAINERS, type ContainersArgs, type SecretPart } from "./parts.js";
