import { API_VERSION, defineTransport } from "@punctual/adapter-sdk";
import { SQS_CONFIG, type SqsConfig } from "./config.js";
import { openSqs } from "./transport/open-sqs.js";
import { SQS_CAPABILITIES } from "./transport/capabilities.js";

/** SQS, for a program that is told by `PUNCTUAL_TRANSPORT=@punctual/adapter-aws/sqs` to use it. */
export const transport = defineTransport<SqsConfig>({
  name: "sqs",
  apiVersion: API_VERSION,
  capabilities: SQS_CAPABILITIES,
  config: SQS_CONFIG,
  create: ({ config, ...deps }) => {
    const sqs = openSqs(config, deps);
    return { transport: sqs.transport, check: async () => void (await sqs.depths()), close: async () => sqs.close() };
  },
});
