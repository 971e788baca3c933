"use strict";
/*
 * Mocha's `spec` on a terminal, a short report in CI. Both list what was skipped and what failed, by full title: the
 * reason for a skip stands in the title, as in `describe("SqsTransport (skipped: no Docker engine)")`. Both end with one
 * plain line that a script can read, even if the run breaks off: "12 passed, 0 failed, 1 skipped".
 */
const chai = require("chai");
const mocha = require("mocha");

const { EVENT_RUN_BEGIN, EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = mocha.Runner.constants;
const { Base, Spec } = mocha.reporters;
const inCi = process.env.CI === "true";
const SLOWEST_SHOWN = 10;

// What was expected, and what was there, belong in the line that tells of it.
chai.config.truncateThreshold = 400;

module.exports = class PlainTotals extends (inCi ? Base : Spec) {
  #begun = false;
  #ended = false;
  #slow = [];
  #skipped = [];
  #failed = [];
  #strays = new Map(); // by their promises, to which somebody may listen later

  constructor(runner, options) {
    super(runner, options);
    runner.once(EVENT_RUN_BEGIN, () => (this.#begun = true));
    // In CI a suite may take what it needs; what mocha calls slow (75 ms) is everyday there.
    runner.on(EVENT_TEST_PASS, (test) => inCi && test.duration >= 1_000 && this.#slow.push(test));
    runner.on(EVENT_TEST_PENDING, (test) => this.#skipped.push(test));
    runner.on(EVENT_TEST_FAIL, (test, error) => this.#failed.push({ test, error }));
    runner.once(EVENT_RUN_END, () => {
      this.#ended = true;
      if (inCi) this.epilogue();
      this.#listSlow();
      this.#listSkipped();
      this.#listFailed();
    });
    // Mocha itself passes over a rejection that nobody listens to.
    process.on("unhandledRejection", (error, promise) => this.#strays.set(promise, error));
    process.on("rejectionHandled", (promise) => this.#strays.delete(promise));
    process.once("exit", () => this.#total());
  }

  #listSlow() {
    const slowest = this.#slow.sort((a, b) => b.duration - a.duration).slice(0, SLOWEST_SHOWN);
    if (slowest.length > 0) console.log("Slow:");
    for (const test of slowest) console.log(`  ${String(test.duration).padStart(6)} ms  ${test.fullTitle()}`);
  }

  #listSkipped() {
    if (this.#skipped.length > 0) console.log("Skipped:");
    for (const test of this.#skipped) console.log(`  - ${test.fullTitle()}`);
  }

  /** Once more in short, where a log that was cut still shows it. */
  #listFailed() {
    if (this.#failed.length > 0) console.log("Failed:");
    for (const { test, error } of this.#failed) {
      console.log(`  - ${test.fullTitle()}: ${String(error?.message ?? error).split("\n", 1)}`);
    }
  }

  #total() {
    const { passes, failures, pending } = this.stats;
    const brokeOff = this.#begun && !this.#ended;
    const strays = new Set(this.#strays.values()); // mocha tells of each twice
    for (const error of strays) console.log("Nobody listened to this rejection:", error);
    if (brokeOff) {
      console.log("The run broke off: the process ended before the last test.");
      process.exitCode ||= 1;
    }
    console.log(`${passes} passed, ${failures + strays.size + (brokeOff ? 1 : 0)} failed, ${pending} skipped`);
    // Mocha would set an exit code of its own behind this.
    if (strays.size > 0) process.exit(1);
  }
};
