export { describeJournal, type JournalHarness } from "./journal.suite.js";
export { describeMover, type MoverHarness, type OpenMover } from "./mover.suite.js";
