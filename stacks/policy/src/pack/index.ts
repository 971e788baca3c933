export { graphOf } from "./graph-of.js";
export { policiesOf } from "./policies-of.js";
