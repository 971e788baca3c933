import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Output, secret } from "@pulumi/pulumi";
import type { Objective } from "@punctual/stack-blueprint";
import type { Plan } from "../parts.js";

/** Who is told: somebody by e-mail, and where there is a pager whoever has it. */
export class GcpChannels extends ComponentResource {
  readonly email: gcp.monitoring.NotificationChannel;
  readonly #pager: gcp.monitoring.NotificationChannel | undefined;

  constructor(name: string, { blueprint }: Plan, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Channels", name, {}, opts);
    const { settings, defaults, names } = blueprint;
    this.email = new gcp.monitoring.NotificationChannel(
      `${name}-email`,
      {
        type: "email",
        displayName: `${names.prefix}: e-mail`,
        labels: { email_address: settings.alertEmail },
      },
      { parent: this },
    );
    const { pagerUrl } = settings;
    this.#pager =
      defaults.pager && pagerUrl !== undefined
        ? new gcp.monitoring.NotificationChannel(
            `${name}-pager`,
            {
              type: "webhook_tokenauth",
              displayName: `${names.prefix}: pager`,
              // Whoever knows it can wake people.
              labels: { url: secret(pagerUrl) },
            },
            { parent: this },
          )
        : undefined;
    this.registerOutputs({});
  }

  forSeverity(severity: Objective["severity"]): Output<string>[] {
    return severity === "page" && this.#pager !== undefined ? [this.email.id, this.#pager.id] : [this.email.id];
  }
}
