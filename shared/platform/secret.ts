import { inspect } from "node:util";

const MASK = "[secret]";

/**
 * Text that must not be seen: it prints as `[secret]` in strings, JSON, `console` and loggers, and is
 * opened by {@link Secret.reveal} in the one call that needs it. An empty secret is a bug and throws.
 */
export class Secret {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static of(text: string): Secret {
    if (text === "") throw new RangeError("A secret cannot be empty.");
    return new Secret(text);
  }

  /** The text itself. Call it where the text leaves the process, and nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
