import type { Catalogue } from "../rule.js";
import { data } from "./data.js";
import { FREE } from "./free.js";
import { messaging } from "./messaging.js";
import { network } from "./network.js";
import { run } from "./run.js";
import { watch } from "./watch.js";

export const GCP: Catalogue = { rules: { ...network, ...data, ...messaging, ...run, ...watch }, free: FREE };
