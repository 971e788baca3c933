import { InvalidInput } from "@punctual/core";
import { expect } from "chai";
import { PortRules } from "../../src/guard/port-rules.js";

/** As in the standard's own table. */
const BLOCKED_BY_FETCH =
  "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 " +
  "137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 " +
  "1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080";

const everyPort = Array.from({ length: 65_536 }, (_, port) => port);
const blocked = new Set(BLOCKED_BY_FETCH.split(" ").map(Number));

describe("PortRules", () => {
  it("allow 80, 443 and from 1024 on, but for what the Fetch standard blocks", () => {
    const rules = new PortRules();
    const expected = everyPort.filter((port) => port === 80 || port === 443 || (port >= 1024 && !blocked.has(port)));

    expect(everyPort.filter((port) => rules.allows(port))).to.deep.equal(expected);
  });

  it("leave what the Fetch standard blocks out of any range", () => {
    const rules = new PortRules("1-65535");

    expect(everyPort.filter((port) => !rules.allows(port))).to.deep.equal([...blocked]);
  });

  it("allow what is listed by itself, and nothing else", () => {
    const rules = new PortRules(" 25, 8080 ,9000-9001,6000");

    expect(everyPort.filter((port) => rules.allows(port))).to.deep.equal([25, 6000, 8080, 9000, 9001]);
  });

  it("never allow what is no port", () => {
    expect([0, -1, 65_536, 1.5e9, NaN].some((port) => new PortRules("1-65535").allows(port))).to.be.false;
  });

  for (const entry of [
    "",
    "0",
    "0-80",
    "65536",
    "1-65536",
    "90-80",
    "http",
    "80-",
    "-80",
    "80.5",
    "8 0",
    "1-2-3",
    "080000",
  ]) {
    it(`name the entry ${JSON.stringify(entry)}, which is wrong`, () => {
      expect(() => new PortRules(`443,${entry}`)).to.throw(InvalidInput, `/ports: ${entry}: Must be a port`);
    });
  }
});
