export { MemoryJournal } from "./memory-journal.js";
export { MemoryMover, type Way } from "./memory-mover.js";
