import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { ProjectSettings } from "./settings.js";

/** What the whole project may cost in a month; each platform has a budget of its own besides. */
export class Spend extends ComponentResource {
  constructor(name: string, settings: ProjectSettings, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Spend", name, {}, opts);
    const channel = new gcp.monitoring.NotificationChannel(
      `${name}-email`,
      {
        displayName: `${settings.name}: the project's budget`,
        type: "email",
        labels: { email_address: settings.alertEmail },
      },
      { parent: this },
    );
    new gcp.billing.Budget(
      `${name}-budget`,
      {
        billingAccount: settings.billingAccount,
        displayName: `${settings.name}: ${settings.project}`,
        budgetFilter: { projects: [`projects/${settings.projectNumber}`] },
        amount: { specifiedAmount: { currencyCode: "USD", units: String(settings.monthlyBudgetUsd) } },
        thresholdRules: [
          { thresholdPercent: 0.8, spendBasis: "FORECASTED_SPEND" },
          { thresholdPercent: 1, spendBasis: "CURRENT_SPEND" },
        ],
        allUpdatesRule: { monitoringNotificationChannels: [channel.id], disableDefaultIamRecipients: true },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
