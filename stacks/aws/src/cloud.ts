import type { Cloud } from "@punctual/stack-blueprint";
import { AwsPlatform } from "./platform.js";
import { providersOf } from "./providers.js";
import { objectionsToAws } from "./objections.js";
import { type AwsSettings, readAwsSettings } from "./settings.js";

export const aws: Cloud<AwsSettings> = {
  name: "aws",
  readSettings: readAwsSettings,
  objections: objectionsToAws,
  provision: (own, blueprint) => {
    const plan = { blueprint, own };
    return new AwsPlatform(blueprint.names.prefix, { ...plan, providers: providersOf(plan) }).outputs;
  },
};
