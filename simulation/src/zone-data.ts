import { TableZoneRules, type ZoneRules } from "@punctual/core";

const MINUTE = 60_000;

/**
 * Zones whose clocks change within the minutes that a simulation lasts, in two versions of the data: the second one moves
 * a change that the first foresaw, takes one away and adds one. Both agree on everything before `switchAt`.
 */
export function zoneData(start: number, switchAt: number): { readonly v1: ZoneRules; readonly v2: ZoneRules } {
  const at = (minutes: number) => start + minutes * MINUTE;
  const later = (minutes: number) => switchAt + minutes * MINUTE;
  const shared = {
    "Etc/UTC": [[-Infinity, 0]],
    "Sim/Gap": [
      [-Infinity, 60 * MINUTE],
      [at(2), 63 * MINUTE],
    ],
    "Sim/Overlap": [
      [-Infinity, -30 * MINUTE],
      [at(3), -34 * MINUTE],
    ],
    "Sim/Far": [[-Infinity, 20 * MINUTE]],
    "Sim/West": [[-Infinity, -4 * MINUTE]],
  } as const;
  const v1 = {
    ...shared,
    "Sim/Law": [
      [-Infinity, 0],
      [later(1), 3 * MINUTE],
    ],
    "Sim/Moved": [
      [-Infinity, 5 * MINUTE],
      [later(2), 2 * MINUTE],
    ],
  } as const;
  const v2 = {
    ...shared,
    "Sim/Law": [[-Infinity, 0]],
    "Sim/Moved": [
      [-Infinity, 5 * MINUTE],
      [later(1), 9 * MINUTE],
    ],
  } as const;
  return {
    v1: new TableZoneRules({ version: "sim-1", zones: v1, links: {} }),
    v2: new TableZoneRules({ version: "sim-2", zones: v2, links: {} }),
  };
}

export const ZONES = ["Etc/UTC", "Sim/Gap", "Sim/Overlap", "Sim/Far", "Sim/West", "Sim/Law", "Sim/Moved"] as const;
