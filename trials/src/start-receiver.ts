import { perform } from "./perform.js";
import { Receiver } from "./receiver.js";

await perform((orders: ConstructorParameters<typeof Receiver>[0]) => new Receiver(orders).open());
