import type { Cloud } from "@punctual/stack-blueprint";
import { AwsPlatform } from "./platform.js";
import { providersOf } from "./providers.js";
import { objectionsToAws } from "./objections.js";
import type { MakeAwsTransport } from "./transport.js";
import { type AwsSettings, readAwsSettings } from "./settings.js";

export const aws: Cloud<AwsSettings> = {
  name: "aws",
  readSettings: readAwsSettings,
  objections: objectionsToAws,
  provision: (own, blueprint, transport) => {
    const plan = { blueprint, own };
    const made = { providers: providersOf(plan), transport: transport as MakeAwsTransport | undefined };
    return new AwsPlatform(blueprint.names.prefix, { ...plan, ...made }).outputs;
  },
};
