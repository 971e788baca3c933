export { type CloudHarness, type CloudView, describeCloud, type QueueView, type WorkloadView } from "./cloud.suite.js";
