import { describeTransport } from "@punctual/adapter-sdk/conformance";
import { sqsHarness } from "../support/sqs-harness.js";
import { SQS_SERVERS, type SqsServer } from "../support/sqs-servers.js";

for (const server of SQS_SERVERS) {
  if (server.absent !== null) it(`SqsTransport on ${server.name} (skipped: ${server.absent})`);
  else {
    describe(`on ${server.name}`, () => {
      let opened: Awaited<ReturnType<SqsServer["open"]>>;
      before(async () => void (opened = await server.open()));
      after(() => opened.stop());
      describeTransport(
        "SqsTransport",
        sqsHarness({ ...server, client: () => opened.client, endpoint: () => opened.endpoint }),
      );
    });
  }
}
