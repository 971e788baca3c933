import { blueprintOf, type EnvironmentName, type Raw, readSettings } from "@punctual/stack-blueprint";
import { type Graph, record } from "@punctual/stack-testkit";
import * as aws from "@pulumi/aws";
import type { Plan } from "../../src/parts.js";
import { readAwsSettings } from "../../src/settings.js";
import { ACCOUNT, AWS, REGION } from "./world.js";

export interface Told {
  readonly environment?: EnvironmentName;
  /** Settings of all clouds, and of AWS, that are other than usual. */
  readonly settings?: Raw;
  readonly own?: Raw;
}

const IMAGE = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/punctual@sha256:${"0".repeat(64)}`;

/** What it takes to run in containers. */
export const IN_CONTAINERS = {
  settings: { runtime: "containers", domain: "punctual.example.com", zone: "Z0123456789ABCDEFGHIJ" },
  own: { images: { punctual: IMAGE, collector: IMAGE } },
} as const satisfies Told;

/** What components are told. */
export function planOf({ environment = "dev", settings = {}, own = {} }: Told = {}): Plan {
  const common = readSettings(
    {
      environment,
      alertEmail: "alerts@example.com",
      tokens: { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" },
      ...settings,
    },
    { cloud: "aws", environment },
  );
  const ofAws = readAwsSettings({ accountId: ACCOUNT, region: REGION, backupRegion: "eu-central-1", ...own });
  if (common.ok === undefined || ofAws.ok === undefined) {
    throw new RangeError([...(common.wrong ?? []), ...(ofAws.wrong ?? [])].join("\n"));
  }
  return { blueprint: blueprintOf("punctual", "aws", common.ok), own: ofAws.ok };
}

/** What a component registers, whose provider has a name. */
export async function recorded(
  make: (provider: aws.Provider) => unknown,
  { preview = false }: { readonly preview?: boolean } = {},
): Promise<Graph> {
  return record({ world: AWS, preview }, () => {
    make(new aws.Provider("aws", { region: REGION }));
  });
}

/** How many there are of each type, but for what each recording has. */
export function typesIn(graph: Graph): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(graph.types()).filter(([type]) => !type.startsWith("pulumi:")));
}
