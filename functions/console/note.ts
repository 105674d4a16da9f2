import type { AuditFact } from "../../shared/audit/audit-log.ts";
import { reportIncident } from "../http/incident.ts";
import type { ConsoleDeps } from "./context.ts";

/**
 * Writes to the audit log what has happened already. When that fails, the log says so and the call goes on:
 * it cannot be undone, and its answer must not be lost.
 */
export async function note(deps: ConsoleDeps, fact: AuditFact): Promise<void> {
  try {
    await deps.audit(fact);
  } catch (thrown) {
    reportIncident(deps.log.for("audit"), thrown, { ...fact });
  }
}
