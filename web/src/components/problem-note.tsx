import type { Problem } from "../api.ts";
import { describeProblem } from "../words.ts";
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
          </p>
        </>
      )}
    </div>
  );
}
