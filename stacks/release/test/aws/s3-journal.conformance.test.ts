import { S3Journal } from "../../src/aws/index.js";
import { describeJournal } from "../../src/conformance/index.js";
import { Cloud } from "./support/cloud.js";
import { FakeS3 } from "./support/s3.js";

let cloud: Cloud;

describeJournal("S3Journal", {
  open: async () => {
    cloud = await Cloud.start();
    cloud.add(new FakeS3());
    return new S3Journal(cloud.account, { bucket: "journal", prefix: "releases/" }, cloud.pace);
  },
  close: async () => cloud.stop(),
});
