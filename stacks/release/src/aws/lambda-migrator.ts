import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Migration, Migrator } from "../world.js";
import type { AwsAccount } from "./account.js";
import { comingOf, demandDone, type Known, type Status, statusIn } from "./migrations.js";
import { isNamed } from "./once.js";

/**
 * Migrates by the function that is there for it. Before `up` that is the one of the version before: it tells what was run, and
 * `known` what there is. Asked twice at once, the second waits for the first.
 */
export class LambdaMigrator implements Migrator {
  readonly #lambda: LambdaClient;
  readonly #function: string;
  readonly #known: Known;

  constructor(account: AwsAccount, functionName: string, known: Known) {
    this.#lambda = new LambdaClient(account);
    this.#function = functionName;
    this.#known = known;
  }

  async pending(commit: string): Promise<readonly Migration[]> {
    return comingOf(await this.#status(), await this.#known(commit));
  }

  async migrate(commit: string): Promise<void> {
    await this.#asked("up");
    demandDone(await this.pending(commit));
  }

  /** Where there is no function nothing was installed. */
  async #status(): Promise<Status> {
    try {
      return statusIn(await this.#asked("status"));
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException")) return [];
      throw error;
    }
  }

  async #asked(action: "up" | "status"): Promise<string> {
    const { Payload, FunctionError } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: this.#function, Payload: JSON.stringify({ action }) }),
    );
    const said = Payload?.transformToString() ?? "";
    if (FunctionError === undefined) return said;
    throw new Error(`${this.#function} did not do \`${action}\`: ${said}`);
  }
}
