/** Settings by which the planner can hardly but join in one way. */
export const FORCED_PLANS = {
  "nested loops": {
    ...{ enable_hashjoin: "off", enable_mergejoin: "off", enable_hashagg: "off", enable_sort: "off" },
    ...{ enable_material: "off", enable_memoize: "off" },
  },
  "hash joins": { enable_nestloop: "off", enable_mergejoin: "off" },
  "merge joins": { enable_nestloop: "off", enable_hashjoin: "off" },
} as const;
