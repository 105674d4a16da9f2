import { type Failure, fail } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import {
  CONNECTION_STEPS,
  type TestFindings,
  type TestLine,
  type TestStep,
  type TestSubject,
} from "../connection-test.ts";
import type { CtraderEnvironment } from "./environments.ts";
import { explainFailure } from "./explain-failure.ts";
import type { VisitStep, VisitStepKind } from "./short-visit.ts";

/** Where a step of a visit stands among the lines. */
const STEPS: Readonly<Record<VisitStepKind, TestStep>> = {
  link: "application",
  application: "application",
  accounts: "account",
  account: "account",
  balance: "balance",
  "round-trip": "latency",
};

/** One connection's lines of a test: each of its steps is told once. */
export class Course {
  readonly #hear: (line: TestLine) => void;
  readonly #subject: TestSubject & { readonly environment: CtraderEnvironment };
  /** What is stored of the token needs no broker: it is told also where nobody answers. */
  readonly #tellToken: () => void;
  readonly #told = new Set<TestStep>();
  #secrets: readonly Secret[] = [];
  #accounts = 0;
  #mayTrade = true as boolean;

  constructor(
    hear: (line: TestLine) => void,
    subject: TestSubject & { readonly environment: CtraderEnvironment },
    tellToken: () => void,
  ) {
    this.#hear = hear;
    this.#subject = subject;
    this.#tellToken = tellToken;
  }

  /** The broker's texts are shown without these. */
  hide(...secrets: readonly (Secret | undefined)[]): void {
    this.#secrets = secrets.filter((one) => one !== undefined);
  }

  ok<S extends TestStep>(step: S, found: TestFindings[S]): void {
    this.#tell({ ...this.#subject, status: "ok", step, found } as TestLine);
  }

  failed(step: TestStep, failure: Failure): void {
    const trouble = explainFailure(failure, this.#subject);
    const { description } = trouble;
    const shown = description === undefined ? {} : { description: this.#withoutSecrets(description) };
    this.#tell({ ...this.#subject, status: "failed", step, trouble: { ...trouble, ...shown } });
  }

  /** A step of the visit that succeeded. */
  visited(step: VisitStep): void {
    switch (step.kind) {
      case "link":
      case "round-trip":
        return;
      case "application":
        this.ok("application", { tookMs: step.tookMs });
        this.#tellToken();
        return;
      case "accounts":
        this.#accounts = step.accounts;
        this.#mayTrade = step.mayTrade;
        return;
      case "account":
        this.ok("account", { account: step.account, accounts: this.#accounts, tookMs: step.tookMs });
        return;
      case "balance": {
        const { balance, currency, isOpenToTrade } = step.account;
        this.ok("balance", { balance: balance.toFixed(), currency, tookMs: step.tookMs });
        this.#tellPermission(isOpenToTrade);
        return;
      }
      default:
        step satisfies never;
    }
  }

  visitFailed(failure: Failure): void {
    this.failed(STEPS[failure.detail.step as VisitStepKind], failure);
  }

  /** Says of every step that was not told that it was not reached. */
  rest(): void {
    for (const step of CONNECTION_STEPS) {
      if (this.#told.has(step)) continue;
      if (step === "token") this.#tellToken();
      if (!this.#told.has(step)) this.#tell({ ...this.#subject, status: "not-reached", step });
    }
  }

  #tellPermission(isOpenToTrade: boolean): void {
    if (this.#mayTrade && isOpenToTrade) this.ok("permission", {});
    else {
      const because = this.#mayTrade ? "account" : "scope";
      this.failed("permission", fail("TRADING_NOT_PERMITTED", { because }));
    }
  }

  #tell(line: TestLine): void {
    this.#told.add(line.step);
    this.#hear(line);
  }

  #withoutSecrets(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret.reveal(), "[secret]"), text);
  }
}
