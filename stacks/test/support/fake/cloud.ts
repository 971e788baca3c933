import {
  type Blueprint,
  type Cloud,
  type Need,
  plainBindings,
  type PlatformOutputs,
  readBy,
} from "@punctual/stack-blueprint";
import { ComponentResource, CustomResource, output, ProviderResource } from "@pulumi/pulumi";
import { z } from "zod";

const SETTINGS = z.strictObject({ place: z.string(), machines: z.number().int().min(1) });
type FakeSettings = z.output<typeof SETTINGS>;

class FakeProvider extends ProviderResource {
  constructor(place: string) {
    super("fake", "fake", { place });
  }
}

class Thing extends CustomResource {}

/** A cloud of three kinds of things: what a third one takes, in one folder. */
class FakePlatform extends ComponentResource {
  constructor(name: string, { workloads, queues, objectives, settings }: Blueprint, provider: FakeProvider) {
    super("punctual:fake:Platform", name, {}, { providers: [provider] });
    const make = (kind: string, part: string, inputs: Record<string, unknown>) =>
      new Thing(`fake:index/${kind}:${kind}`, `${name}-${part}`, inputs, { parent: this });
    for (const queue of queues) make("Queue", queue.name, { name: queue.name, deadLetters: queue.deadLetters });
    for (const one of workloads) {
      make("Machine", one.name, { workload: one.name, env: plainBindings(one, settings), may: one.needs.map(grantOf) });
    }
    for (const { id, above } of objectives) make("Alarm", id, { objective: id, above });
    this.registerOutputs({});
  }
}

export function grantOf(need: Need): string {
  switch (need.kind) {
    case "database":
      return `database:${need.rights}`;
    case "publish":
    case "consume":
    case "watch":
      return `${need.kind}:${need.queue}`;
    case "secret":
      return `secret:${need.secret}`;
    case "seal":
    case "open":
    case "egress":
      return need.kind;
  }
}

export const fake: Cloud<FakeSettings> = {
  name: "fake",
  readSettings: (own) => {
    return readBy(SETTINGS, own, { under: "fake", standIns: { place: "nowhere", machines: 3 } });
  },
  objections: ({ machines }, { defaults }) =>
    machines < defaults.zones
      ? [`fake.machines is ${String(machines)}, and there are ${String(defaults.zones)} zones`]
      : [],
  provision: ({ place }, blueprint): PlatformOutputs => {
    new FakePlatform(blueprint.names.prefix, blueprint, new FakeProvider(place));
    return {
      api: output("https://fake.example.com"),
      queues: {},
      releases: output([]),
      dashboards: [],
    };
  },
};
