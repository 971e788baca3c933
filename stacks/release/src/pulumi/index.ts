export { detailOf } from "../detail.js";
export { Pulumi, PulumiFailed, type PulumiOptions } from "./pulumi.js";
export { type PlatformDeps, PulumiPlatform } from "./pulumi-platform.js";
export type { Sealed } from "./seal.js";
export { readSettingsFile, type Share, type Shares } from "./settings-file.js";
export { PulumiTraffic, type Traffic } from "./traffic.js";
