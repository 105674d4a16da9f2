import type { Problem } from "../api.ts";
import { describeProblem } from "../words.ts";
import { ErrorCode } from "./error-code.tsx";
import { ToneIcon } from "./icons.tsx";

/** What went wrong and what to do now. The room for it is kept free, so nothing moves when it appears. */
export function ProblemNote({ problem }: { readonly problem: Problem | undefined }) {
  return (
    <div class="problem" role="alert">
      {problem && (
        <>
          <ToneIcon tone="trouble" />
          <p>
            <strong>{describeProblem(problem).message}</strong> {describeProblem(problem).next}
            <ErrorCode code={describeProblem(problem).code} />
          </p>
        </>
      )}
    </div>
  );
}
