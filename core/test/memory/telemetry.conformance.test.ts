import { describeTelemetry } from "../../src/conformance/telemetry.suite.js";
import { NO_TELEMETRY } from "../../src/ports/telemetry.js";
import { telemetryHarness } from "../support/memory-harnesses.js";

describeTelemetry("MemoryTelemetry", telemetryHarness());
describeTelemetry("NO_TELEMETRY", { keeps: false, open: () => ({ telemetry: NO_TELEMETRY }) });
