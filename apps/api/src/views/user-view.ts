import type { User } from "@punctual/core";

export function userView({ tenant: _, ...user }: User) {
  return user;
}
