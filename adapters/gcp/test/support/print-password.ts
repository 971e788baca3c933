// A process of its own, which finds out by itself who runs it.
import { databasePassword } from "../../src/secrets/database-password.js";

const password = databasePassword({ clock: { now: () => new Date() } });
const both = await Promise.all([password(), password()]);
process.stdout.write([...both, await password()].join());
