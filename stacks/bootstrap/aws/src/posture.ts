import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { AccountSettings } from "./settings.js";

/** What looks after the account: for attacks, for settings that invite them, and for what is open to others. */
export class Posture extends ComponentResource {
  constructor(name: string, { project }: AccountSettings, opts?: ComponentResourceOptions) {
    super("punctual:aws:Posture", name, {}, opts);
    const parent = { parent: this };
    new aws.guardduty.Detector(
      `${name}-detector`,
      { enable: true, findingPublishingFrequency: "FIFTEEN_MINUTES" },
      parent,
    );
    new aws.securityhub.Account(
      `${name}-hub`,
      { enableDefaultStandards: true, autoEnableControls: true, controlFindingGenerator: "SECURITY_CONTROL" },
      parent,
    );
    new aws.accessanalyzer.Analyzer(
      `${name}-analyzer`,
      { analyzerName: `${project}-account`, type: "ACCOUNT" },
      parent,
    );
    this.registerOutputs({});
  }
}
