import { aProjectId, describeEmulated } from "../../../tests/support/emulators/describe-emulated.ts";
import { createFirestoreStore } from "../../platform/gcp/firestore-store.ts";
import { ledgerContract } from "./ledger.contract.ts";

describeEmulated("on Google's Firestore", (hosts) => {
  ledgerContract({
    name: "Firestore",
    courses: 6,
    make: async () => createFirestoreStore({ projectId: aProjectId(), emulatorHost: hosts.firestore }),
  });
});
