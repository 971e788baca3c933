import { describeSender } from "../../src/conformance/sender.suite.js";
import { senderHarness } from "../support/memory-harnesses.js";

describeSender("MemorySender", senderHarness());
