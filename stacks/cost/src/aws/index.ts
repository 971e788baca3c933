import type { Catalogue } from "../rule.js";
import { containers } from "./containers.js";
import { data } from "./data.js";
import { edge } from "./edge.js";
import { FREE } from "./free.js";
import { functions } from "./functions.js";
import { network } from "./network.js";
import { watch } from "./watch.js";

export const AWS: Catalogue = {
  rules: { ...network, ...data, ...functions, ...containers, ...edge, ...watch },
  free: FREE,
};
