import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { LogRequest, LogSeverity as Severity, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Diagnostic } from "./diagnostics.js";
import { unary } from "./wire.js";

/** The engine as far as a program sees it: who listens to its log, and knows which resource is the root. */
export class Engine {
  readonly diagnostics: Diagnostic[] = [];
  root = "";

  service(): UntypedServiceImplementation {
    return {
      log: unary((said: LogRequest) => {
        const severity = SEVERITIES[said.getSeverity()];
        if (severity !== undefined) this.diagnostics.push({ severity, message: said.getMessage().trimEnd() });
        return new empty.Empty();
      }),
      getRootResource: unary(() => {
        const answer = new engine.GetRootResourceResponse();
        answer.setUrn(this.root);
        return answer;
      }),
      setRootResource: unary((asked: SetRootResourceRequest) => {
        this.root = asked.getUrn();
        return new engine.SetRootResourceResponse();
      }),
      requirePulumiVersion: unary(() => new engine.RequirePulumiVersionResponse()),
    };
  }
}

const { LogSeverity } = engine;

/** What is for debugging is nobody's. */
const SEVERITIES: Readonly<Partial<Record<Severity, Diagnostic["severity"]>>> = {
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};
