export { planStack, type StackPlan } from "./stack-plan.js";
export { readVariants, type Variant } from "./variants.js";
