import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { OBJECTIVES } from "@punctual/stack-blueprint";
import type { Plan } from "../parts.js";
import type { GcpChannels } from "./channels.js";

/** What a month may cost. Budgets tell nobody but by e-mail. */
export class GcpBudget extends ComponentResource {
  constructor(name: string, { own, blueprint }: Plan, { email }: GcpChannels, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Budget", name, {}, opts);
    const { settings, defaults, names } = blueprint;
    const forecast = OBJECTIVES.find(({ id }) => id === "budget")?.above ?? 100;
    new gcp.billing.Budget(
      `${name}-month`,
      {
        billingAccount: own.billingAccount,
        displayName: names.prefix,
        amount: {
          specifiedAmount: { currencyCode: "USD", units: String(settings.monthlyBudgetUsd ?? defaults.budgetUsd) },
        },
        budgetFilter: {
          projects: [`projects/${own.projectNumber}`],
          labels: { environment: settings.environment },
          calendarPeriod: "MONTH",
        },
        thresholdRules: [
          { thresholdPercent: forecast / 100, spendBasis: "FORECASTED_SPEND" },
          { thresholdPercent: 1, spendBasis: "CURRENT_SPEND" },
        ],
        allUpdatesRule: { monitoringNotificationChannels: [email.id], disableDefaultIamRecipients: true },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
