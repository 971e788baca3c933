export { Ops, type OpsDeps } from "./ops.js";
export { Worker, type WorkerDeps } from "./worker.js";
