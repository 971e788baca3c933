export { aws } from "./cloud.js";
export { AwsPlatform, type AwsPlatformArgs } from "./platform.js";
export { type AwsProviders, providersOf } from "./providers.js";
export { objectionsToAws } from "./objections.js";
export { type AwsSettings, readAwsSettings } from "./settings.js";
export type { AwsGround, AwsTransportPart, MakeAwsTransport } from "./transport.js";
