export { Graph, type Planned, UNKNOWN } from "./graph.js";
export { record, type Recording } from "./recorder.js";
export { answerOf, type Asked, EMPTY_WORLD, type World } from "./world.js";
