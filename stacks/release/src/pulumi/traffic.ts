import type { Pulumi } from "./pulumi.js";
import { readSettingsFile, type Share, type Shares, TRAFFIC_PATH } from "./settings-file.js";

/** Who has how much of the traffic, where the cloud's own tools do not say so. */
export interface Traffic {
  read(): Promise<Shares>;
  /** What is told, and what is there. */
  move(workload: string, share: Share): Promise<void>;
}

/** Shares that stand among the stack's settings: traffic stays in its state, and an update leaves it where it is. */
export class PulumiTraffic implements Traffic {
  readonly #pulumi: Pulumi;
  readonly #root: string;
  readonly #stack: string;
  readonly #standing: () => Promise<Shares>;

  /** `standing` answers what everybody has: a file that comes of a commit may know nothing of it, or what was. */
  constructor(
    pulumi: Pulumi,
    where: { readonly root: string; readonly stack: string },
    standing: () => Promise<Shares> = async () => ({}),
  ) {
    this.#standing = standing;
    this.#pulumi = pulumi;
    this.#root = where.root;
    this.#stack = where.stack;
  }

  async read(): Promise<Shares> {
    return (await readSettingsFile(this.#root, this.#stack)).shares;
  }

  async move(workload: string, share: Share): Promise<void> {
    await this.tell({ ...(await this.#standing()), [workload]: share });
    await this.#pulumi.up();
  }

  /** Says it, and moves nothing. */
  async tell(shares: Shares): Promise<void> {
    const known = await this.read();
    const other = Object.entries(shares).filter(([name, share]) => !isSame(known[name], share));
    if (other.length === 0) return;
    const values: Record<string, string | number> = {};
    for (const [name, { stable, percent }] of other) {
      values[`${TRAFFIC_PATH}.${name}.stable`] = stable;
      values[`${TRAFFIC_PATH}.${name}.percent`] = percent;
    }
    await this.#pulumi.setConfig(values);
  }
}

export function isSame(one: Share | undefined, other: Share): boolean {
  return one?.stable === other.stable && one.percent === other.percent;
}
