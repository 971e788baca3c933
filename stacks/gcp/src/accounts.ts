import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import type { Names, WorkloadName } from "@punctual/stack-blueprint";
import { isCalled } from "./callers.js";
import { workloadsOn } from "./differences.js";
import type { Plan } from "./parts.js";

/** Whose tokens Pub/Sub and Cloud Scheduler show. */
const CALLERS = "callers";
export type AccountName = WorkloadName | typeof CALLERS;

const LONGEST = 30;
/** Ids of accounts are short. */
const SHORTER: Readonly<Partial<Record<AccountName, string>>> = { "dead-letters": "dead" };

export function accountIdOf(names: Names, account: AccountName): string {
  return names.of(SHORTER[account] ?? account, LONGEST);
}

/** An account for each workload, and one that calls those that wait to be called. None has keys. */
export class GcpAccounts extends ComponentResource {
  readonly #accounts: ReadonlyMap<AccountName, gcp.serviceaccount.Account>;

  constructor(name: string, { blueprint }: Plan, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Accounts", name, {}, opts);
    const workloads = workloadsOn(blueprint);
    const accounts: readonly AccountName[] = [
      ...workloads.map((one) => one.name),
      ...(workloads.some(isCalled) ? ([CALLERS] as const) : []),
    ];
    this.#accounts = new Map(
      accounts.map((account) => [
        account,
        new gcp.serviceaccount.Account(
          `${name}-${account}`,
          { accountId: accountIdOf(blueprint.names, account), displayName: `${blueprint.names.prefix}: ${account}` },
          { parent: this },
        ),
      ]),
    );
    this.registerOutputs({});
  }

  emailOf(account: AccountName): Output<string> {
    return this.#of(account).email;
  }

  /** Whole, for those who give something on it. */
  nameOf(account: AccountName): Output<string> {
    return this.#of(account).name;
  }

  /** As a policy names it. */
  memberOf(account: AccountName): Output<string> {
    return this.emailOf(account).apply((email) => `serviceAccount:${email}`);
  }

  #of(account: AccountName): gcp.serviceaccount.Account {
    const found = this.#accounts.get(account);
    if (found === undefined) throw new RangeError(`${account} has no account`);
    return found;
  }
}
