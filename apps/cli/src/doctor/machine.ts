import { type Check, failed, ok } from "./check.js";

const OLDEST_NODE = 24;

/** Node and its zone data. */
export function checkMachine(): readonly Check[] {
  const { node, tz, icu } = process.versions;
  const isNew = Number(node.split(".")[0]) >= OLDEST_NODE;
  const whole = tz !== undefined && icu !== undefined && knowsZones();
  return [
    isNew ? ok("Node", node) : failed("Node", node, `install Node ${OLDEST_NODE} or newer`),
    whole
      ? ok("time zone data", `${tz}, ICU ${icu}`)
      : failed("time zone data", "this Node has none", "install a Node that was built with full ICU"),
  ];
}

/** A Node with little ICU calls every zone UTC. */
function knowsZones(): boolean {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: "Asia/Kathmandu", timeZoneName: "longOffset" });
  const offset = format.formatToParts(0).find(({ type }) => type === "timeZoneName")?.value;
  return offset === "GMT+05:30"; // as it was in 1970
}
