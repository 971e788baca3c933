import { localClock } from "@punctual/adapter-local/wiring";
import { expect } from "chai";
import { once } from "node:events";
import { connect } from "node:net";
import { Door } from "../src/http/door.js";

const clock = localClock();

describe("what is no request", () => {
  let door: Door;
  before(async () => {
    door = await Door.open({ host: "127.0.0.1", port: 0, opsPort: null });
    door.answer((_, response) => void response.end("here"));
  });
  after(() => door.close(0, clock));

  const CASES: readonly (readonly [string, string | Buffer, number, string])[] = [
    ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["garbage", "\x00\x01\x02 garbage\r\n\r\n", 400, "malformed_request"],
    ["a TLS hello", Buffer.from("16030100f8010000f40303", "hex"), 400, "malformed_request"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
      400,
      "malformed_request",
    ],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
      "malformed_request",
    ],
    ["no host", "GET / HTTP/1.1\r\n\r\n", 400, ""],
  ];
  for (const [name, sent, status, code] of CASES) {
    it(`is refused as all else is: ${name}`, async () => {
      const socket = connect(Number(new URL(door.url).port), "127.0.0.1");
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      socket.write(sent);
      await once(socket, "close");
      expect(text).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      if (code === "") return;
      const [head = "", body = ""] = text.split("\r\n\r\n");
      expect(head.toLowerCase()).to.contain("content-type: application/problem+json");
      expect(JSON.parse(body)).to.include({ status, code });
    });
  }
});
