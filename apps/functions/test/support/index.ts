// What those need who let the functions and services run on what they have made themselves.
export { type Account, openAccount } from "./account.js";
export { pubsubFor } from "./carried.js";
export { importLines, states } from "./plan.js";
export { openProject, type Project } from "./project.js";
export { Receiver } from "./receiver.js";
export { sleep } from "./sleep.js";
