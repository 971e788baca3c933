import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { AccountSettings } from "./settings.js";

/** What the whole account may cost in a month; each platform has a budget of its own besides. */
export class Spend extends ComponentResource {
  constructor(name: string, settings: AccountSettings, opts?: ComponentResourceOptions) {
    super("punctual:aws:Spend", name, {}, opts);
    const warn = (notificationType: "FORECASTED" | "ACTUAL", threshold: number) => ({
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
      subscriberEmailAddresses: [settings.alertEmail],
    });
    new aws.budgets.Budget(
      `${name}-budget`,
      {
        name: `${settings.project}-account`,
        accountId: settings.accountId,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(settings.monthlyBudgetUsd),
        limitUnit: "USD",
        notifications: [warn("FORECASTED", 80), warn("ACTUAL", 100)],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
