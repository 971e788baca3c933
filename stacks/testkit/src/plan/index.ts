export { planStack, type StackPlan } from "./stack-plan.js";
export { applied, readVariants, type Variant } from "./variants.js";
