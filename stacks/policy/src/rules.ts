import type { Rule } from "./rule.js";
import { DATABASE } from "./rules/database.js";
import { DELIVERY } from "./rules/delivery.js";
import { EDGE } from "./rules/edge.js";
import { ENCRYPTION } from "./rules/encryption.js";
import { FUNCTIONS } from "./rules/functions.js";
import { IDENTITY } from "./rules/identity.js";
import { MESSAGING } from "./rules/messaging.js";
import { NAMES } from "./rules/names.js";
import { NETWORK } from "./rules/network.js";
import { RESOURCES } from "./rules/resources.js";
import { STRUCTURE } from "./rules/structure.js";
import { TRANSPORT } from "./rules/transport.js";
import { WATCH } from "./rules/watch.js";

/** What no stack may be without, in the order of the catalogue. */
export const RULES: readonly Rule[] = [
  ...STRUCTURE,
  ...NAMES,
  ...IDENTITY,
  ...RESOURCES,
  ...NETWORK,
  ...ENCRYPTION,
  ...FUNCTIONS,
  ...MESSAGING,
  ...TRANSPORT,
  ...DATABASE,
  ...EDGE,
  ...DELIVERY,
  ...WATCH,
];
