import type { EnvironmentName } from "@punctual/stack-blueprint";

/** What is done with an environment in a month. An estimate is as good as this is. */
export interface Usage {
  readonly apiRequests: number;
  readonly apiMs: number;
  readonly answerKb: number;
  /** The share of requests whose token the gateway does not remember. */
  readonly authorizedShare: number;
  readonly deliveries: number;
  readonly deliveryMs: number;
  /** How many deliveries one call of the worker carries, or one instance of it has at a time. */
  readonly deliveriesAtOnce: number;
  readonly databaseGb: number;
  /** Backups beyond what is free with the database. */
  readonly backupGb: number;
  readonly logGb: number;
  readonly flowLogGb: number;
  /** To receivers. */
  readonly outGb: number;
  readonly objectsGb: number;
  readonly imagesGb: number;
  /** Metrics of our own, with all their dimensions, as if each came in every hour of the month. */
  readonly metrics: number;
  readonly keyRequests: number;
  /** Requests to the console, and what they take. */
  readonly pageRequests: number;
  readonly pageGb: number;
  /** Capacity units of a load balancer, on average. */
  readonly loadBalancerUnits: number;
  /** What is done with the account, as auditors count it. */
  readonly auditedEvents: number;
  /** Whether nothing else is in the account, so that what is free for an account is free for it. */
  readonly alone: boolean;
}

export const USAGE: Readonly<Record<EnvironmentName, Usage>> = {
  dev: {
    apiRequests: 100_000,
    apiMs: 80,
    answerKb: 4,
    authorizedShare: 0.2,
    deliveries: 50_000,
    deliveryMs: 300,
    deliveriesAtOnce: 1,
    databaseGb: 2,
    backupGb: 0,
    logGb: 1,
    flowLogGb: 0.1,
    outGb: 2,
    objectsGb: 1,
    imagesGb: 1,
    metrics: 20,
    keyRequests: 10_000,
    pageRequests: 10_000,
    pageGb: 0.5,
    loadBalancerUnits: 0.1,
    auditedEvents: 100_000,
    alone: false,
  },
  staging: {
    apiRequests: 500_000,
    apiMs: 80,
    answerKb: 4,
    authorizedShare: 0.2,
    deliveries: 200_000,
    deliveryMs: 300,
    deliveriesAtOnce: 1,
    databaseGb: 4,
    backupGb: 0,
    logGb: 3,
    flowLogGb: 0.5,
    outGb: 5,
    objectsGb: 1,
    imagesGb: 2,
    metrics: 30,
    keyRequests: 50_000,
    pageRequests: 50_000,
    pageGb: 1,
    loadBalancerUnits: 0.2,
    auditedEvents: 200_000,
    alone: false,
  },
  production: {
    apiRequests: 8_000_000,
    apiMs: 80,
    answerKb: 4,
    authorizedShare: 0.2,
    deliveries: 5_000_000,
    deliveryMs: 300,
    deliveriesAtOnce: 3,
    databaseGb: 25,
    backupGb: 50,
    logGb: 20,
    flowLogGb: 3,
    outGb: 40,
    objectsGb: 5,
    imagesGb: 5,
    metrics: 80,
    keyRequests: 1_000_000,
    pageRequests: 500_000,
    pageGb: 10,
    loadBalancerUnits: 1,
    auditedEvents: 1_000_000,
    alone: false,
  },
};
