import { aProjectId, describeEmulated } from "../../../tests/support/emulators/describe-emulated.ts";
import { storeContract } from "../contracts/store.contract.ts";
import { createFirestoreStore } from "./firestore-store.ts";

describeEmulated("Firestore store", (hosts) => {
  storeContract({
    name: "Firestore",
    async make() {
      const store = createFirestoreStore({ projectId: aProjectId(), emulatorHost: hosts.firestore });
      return { store, close: () => store.close() };
    },
    gaps: {
      "ten lost races end in StoreContention, and nothing is written":
        "a reader's lock makes the faster writer wait, so nobody can win ten times",
    },
  });
});
