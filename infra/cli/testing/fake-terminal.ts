import { Secret } from "../../../shared/platform/secret.ts";
import type { PinAnswer, Terminal } from "../terminal.ts";

export interface FakeTerminal extends Terminal {
  /** What was printed and complained of, in order. */
  lines(): string;
  /** What was written in pieces, then what was printed. */
  printed(): string;
  complained(): string;
  readonly questions: readonly string[];
}

/** A terminal whose owner enters `pins` one after the other, then only stares at the prompt. */
export function createFakeTerminal(pins: readonly string[] = [], afterwards?: PinAnswer): FakeTerminal {
  const out: { readonly text: string; readonly isComplaint: boolean }[] = [];
  const questions: string[] = [];
  let pieces = "";
  const rest = [...pins];
  async function askPin(message: string, signal: AbortSignal): Promise<PinAnswer> {
    questions.push(message);
    const pin = rest.shift();
    if (pin !== undefined) return { kind: "pin", pin: Secret.of(pin) };
    if (afterwards !== undefined) return afterwards;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return { kind: "stopped" };
  }
  const join = (isWanted: (isComplaint: boolean) => boolean) =>
    out
      .filter((one) => isWanted(one.isComplaint))
      .map((one) => one.text)
      .join("\n");
  return {
    style: { strong: (text) => text },
    print: (text) => void out.push({ text, isComplaint: false }),
    async write(text) {
      pieces += text;
    },
    complain: (text) => void out.push({ text, isComplaint: true }),
    askPin,
    askSecret: askPin,
    close: () => undefined,
    lines: () => join(() => true),
    printed: () => pieces + join((isComplaint) => !isComplaint),
    complained: () => join((isComplaint) => isComplaint),
    questions,
  };
}
