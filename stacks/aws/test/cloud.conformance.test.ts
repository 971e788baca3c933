import { wrongBindings as wrongInCli } from "@punctual/cli/bindings";
import { wrongBindings } from "@punctual/functions/bindings";
import { awsWorld } from "@punctual/stack-testkit/worlds";
import { describeCloud } from "@punctual/stack-testkit/conformance";
import { wrongBindings as wrongInStandalone } from "@punctual/standalone/bindings";
import { aws } from "../src/cloud.js";
import { viewOf } from "./support/view.js";

const IMAGE = `111111111111.dkr.ecr.eu-west-1.amazonaws.com/punctual@sha256:${"0".repeat(64)}`;
/** What is read by whoever logs in to the database. */
const BY_LOGIN = ["AWS_REGION"];

describeCloud("AWS", {
  cloud: aws,
  world: awsWorld(),
  zone: "Z0123456789ABCDEFGHIJ",
  own: () => ({
    ...{ accountId: "111111111111", region: "eu-west-1", backupRegion: "eu-central-1" },
    images: { punctual: IMAGE, collector: IMAGE },
  }),
  wrong: {
    own: { accountId: "1", region: "Ireland", natGateway: 1 },
    complaints: ["aws.accountId", "aws.region", "aws.natGateway is no setting"],
  },
  view: viewOf,
  wrongBindings: (workload, bindings, { settings }) => {
    if (settings.shape.runtime === "serverless") return wrongBindings("aws", workload, bindings);
    return (workload === "migrate" ? wrongInCli : wrongInStandalone)(bindings, BY_LOGIN);
  },
});
