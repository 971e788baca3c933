/** A person who is greeted on their birthday, at nine in the morning where they live. */
export interface User {
  readonly id: string;
  readonly tenant: string;
  readonly firstName: string;
  readonly lastName: string;
  /** `1990-03-14`. */
  readonly dateOfBirth: string;
  readonly timezone: string;
  readonly scheduleId: string;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
