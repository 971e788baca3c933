import { wrongBindings as wrongOfTask } from "@punctual/cli/bindings";
import { wrongBindings } from "@punctual/functions/bindings";
import { gcpWorld } from "@punctual/stack-testkit/worlds";
import { describeCloud } from "@punctual/stack-testkit/conformance";
import { wrongBindings as wrongOfContainer } from "@punctual/standalone/bindings";
import { gcp } from "../src/cloud.js";
import { LEAST_RECEIVES, LEFT_OUT } from "../src/differences.js";
import { viewOf } from "./support/view.js";

const DIGEST = `@sha256:${"0".repeat(64)}`;

describeCloud("Google Cloud", {
  cloud: gcp,
  world: gcpWorld(),
  zone: "example-com",
  own: (environment) => ({
    project: `acme-punctual-${environment}`,
    projectNumber: "111111111111",
    region: "europe-west1",
    billingAccount: "000000-000000-000000",
    backupLocation: "eu",
    image: `europe-west1-docker.pkg.dev/acme/punctual/punctual${DIGEST}`,
    collectorImage: `europe-west1-docker.pkg.dev/acme/punctual/collector${DIGEST}`,
  }),
  wrong: {
    own: { project: "x", region: "Belgium", images: [] },
    complaints: ["gcp.project", "gcp.region", "gcp.image", "gcp.images is no setting"],
  },
  view: viewOf,
  without: LEFT_OUT,
  leastReceives: LEAST_RECEIVES,
  wrongBindings: (workload, bindings, { settings }) => {
    if (settings.shape.runtime === "serverless") return wrongBindings("gcp", workload, bindings);
    return workload === "migrate" ? wrongOfTask(bindings) : wrongOfContainer(bindings);
  },
});
