import { describeMover } from "../../src/conformance/index.js";
import { CloudRunMover, PoolMover } from "../../src/gcp/index.js";
import { Pulumi, PulumiTraffic } from "../../src/pulumi/index.js";
import { type Checkout, checkout, STACK } from "../support/checkout.js";
import { type GoogleServices, googleServices, refusal } from "../support/google-services.js";

const place = { project: "acme-punctual", location: "europe-west1" };
const at = "run.googleapis.com/v2/projects/acme-punctual/locations/europe-west1";
const kinds = [
  {
    Mover: CloudRunMover,
    target: { workload: "api", kind: "cloud-run", service: "punctual-staging-api", ...place },
    url: `${at}/services/punctual-staging-api`,
    statuses: "trafficStatuses",
  },
  {
    Mover: PoolMover,
    target: { workload: "worker", kind: "cloud-run-pool", pool: "punctual-staging-worker", ...place },
    url: `${at}/workerPools/punctual-staging-worker`,
    statuses: "instanceSplitStatuses",
  },
] as const;

/** Cloud Run as it is told by a `pulumi` that runs: the shares are those of `cloud.json`. */
for (const { Mover, target, url, statuses } of kinds) {
  let there: Checkout;
  let services: GoogleServices;
  const revision = (version: string) => `punctual-staging-${target.workload}-${version}`;
  describeMover(Mover.name, {
    open: async () => {
      there = await checkout();
      await there.put("next.json", {
        api: "https://punctual.example.com",
        releases: [{ ...target, revision: revision("2") }],
      });
      // As it is after the first installation: nobody has told of any shares yet.
      await there.put("cloud.json", { [target.workload]: [{ revision: "", percent: 100 }] });
      services = await googleServices(async (asked) => {
        if (asked.url !== url || asked.method !== "GET") return refusal(404, "there is no such thing");
        const known = (await there.shares())[target.workload] ?? [];
        return { body: { name: url, latestReadyRevision: `${url}/revisions/${revision("1")}`, [statuses]: known } };
      });
      const pulumi = new Pulumi({ root: there.root, stack: STACK, command: there.pulumi });
      const traffic = new PulumiTraffic(pulumi, { root: there.root, stack: STACK });
      return {
        mover: new Mover({ api: services.api, traffic, pace: { wait: async () => undefined } }),
        move: { release: "r-1", target, from: revision("1"), to: revision("2") },
        later: async () => undefined,
      };
    },
    close: async () => {
      await services.stop();
      await there.remove();
    },
  });
}
