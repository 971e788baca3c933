// A process of its own, which finds out by itself who runs it.
import { openLogin } from "../../src/login.js";

const login = await openLogin({});
process.stdout.write(await login());
