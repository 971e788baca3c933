import { PolicyPack } from "@pulumi/policy";
import { policiesOf } from "../../src/pack/index.js";

// It begins to serve when it is made.
new PolicyPack("punctual-aws", { policies: policiesOf("aws") });
