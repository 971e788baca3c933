import type * as aws from "@pulumi/aws";
import type { Blueprint, Objective } from "@punctual/stack-blueprint";

/** What the month may cost: told of when it is going to be nearly that much, and when it is. */
export function budgetArgs({ settings, defaults, names }: Blueprint, { id, above }: Objective): aws.budgets.BudgetArgs {
  const told = { comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" };
  // By mail, not by the topic: that is sealed, and budgets would need leave for its key.
  const whom = { subscriberEmailAddresses: [settings.alertEmail] };
  return {
    name: names.of("month"),
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(settings.monthlyBudgetUsd ?? defaults.budgetUsd),
    limitUnit: "USD",
    // The tag must be one that costs are told apart by, which is said once for an account.
    costFilters: [{ name: "TagKeyValue", values: [["user:environment", settings.environment].join("$")] }],
    notifications: [
      { ...told, ...whom, notificationType: "FORECASTED", threshold: above },
      { ...told, ...whom, notificationType: "ACTUAL", threshold: 100 },
    ],
    tags: { objective: id },
  };
}
