import { Graph, type Planned } from "@punctual/stack-testkit";

interface Beside {
  /** What its inputs were made of. */
  readonly from?: Readonly<Record<string, readonly Planned[]>>;
  readonly after?: readonly Planned[];
  readonly secrets?: readonly string[];
  readonly protect?: boolean;
  readonly ignoreChanges?: readonly string[];
}

/** A plan by hand, of one platform with one provider. */
export class Plan {
  readonly #resources: Planned[] = [];
  readonly #stack: string;
  readonly #platform: Planned;
  readonly #provider: string;

  constructor(cloud: "aws" | "gcp", environment: string, provider: Readonly<Record<string, unknown>>) {
    this.#stack = `${cloud}-${environment}`;
    const root = this.#add("pulumi:pulumi:Stack", `punctual-${this.#stack}`, {}, { parent: undefined, custom: false });
    const made = this.#add(`pulumi:providers:${cloud}`, cloud, provider, { parent: root.urn, custom: true });
    this.#provider = `${made.urn}::${cloud}-id`;
    const type = `punctual:${cloud}:Platform`;
    this.#platform = this.#add(type, `punctual-${environment}`, {}, { parent: root.urn, custom: false });
  }

  get graph(): Graph {
    return new Graph(this.#resources, { api: "https://punctual.example.com" });
  }

  /** `aws:sqs/queue:Queue` of the platform. */
  add(type: string, part: string, inputs: Readonly<Record<string, unknown>>, beside: Beside = {}): Planned {
    const { from = {}, after = [], ...rest } = beside;
    const urns = Object.entries(from).map(([input, some]) => [input, some.map(({ urn }) => urn)] as const);
    return this.#add(type, `${this.#platform.name}-${part}`, inputs, {
      parent: this.#platform.urn,
      custom: true,
      provider: this.#provider,
      propertyDependencies: Object.fromEntries(urns),
      dependencies: [...new Set([...urns.flatMap(([, some]) => some), ...after.map(({ urn }) => urn)])],
      ...rest,
    });
  }

  #add(
    type: string,
    name: string,
    inputs: Readonly<Record<string, unknown>>,
    rest: Partial<Planned> & Pick<Planned, "parent" | "custom">,
  ): Planned {
    const planned: Planned = {
      ...{ type, name, inputs, urn: `urn:pulumi:${this.#stack}::punctual::${type}::${name}` },
      ...{ secrets: [], dependencies: [], propertyDependencies: {}, provider: undefined },
      ...{ protect: false, retainOnDelete: false, ignoreChanges: [] },
      ...rest,
    };
    this.#resources.push(planned);
    return planned;
  }
}
