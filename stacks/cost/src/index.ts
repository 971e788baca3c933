export { type Band, BANDS } from "./bands.js";
export { type Estimate, estimate, linesOf, type PricedItem } from "./estimate.js";
export { type PriceBook, PRICES } from "./prices.js";
export { changesIn, jsonOf, type Reported, reportOn, textOf, toKeep } from "./report.js";
export { type Usage, USAGE } from "./usage.js";
