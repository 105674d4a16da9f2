import { storeContract } from "../../../shared/platform/contracts/store.contract.ts";
import { createMemoryStore } from "./memory-store.ts";

storeContract({ name: "memory of a test", make: async () => ({ store: createMemoryStore() }) });
