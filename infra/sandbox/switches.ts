/** The switches of a simulator: typed tables of what can be set, read from others' data, shown to people. */
import { z } from "zod";
import { type Failure, fail, type Success, succeed } from "../../shared/platform/result.ts";

/** One switch of a simulator: what it takes, what it is at the start, and what it does. */
export interface Switch<T> {
  readonly schema: z.ZodType<T>;
  readonly initial: T;
  /** The values it takes, for people. */
  readonly takes: string;
  readonly description: string;
}

/** A table of switches by name, in the order in which people read them. */
export type SwitchTable = Readonly<Record<string, Switch<unknown>>>;

/** The position of every switch of a table. */
export type Positions<T extends SwitchTable> = { readonly [N in keyof T]: T[N]["initial"] };

/** One switch with its position, as the sandbox page shows it. */
export interface SwitchView<N extends string = string, V = unknown> {
  readonly name: N;
  readonly value: V;
  readonly initial: V;
  readonly takes: string;
  readonly description: string;
}

/** A switch that is on or off; off at the start unless told otherwise. */
export function toggle(description: string, initial = false): Switch<boolean> {
  return { schema: z.boolean(), initial, takes: "true or false", description };
}

/** A whole number within limits, both included. */
export function whole(
  initial: number,
  [min, max]: readonly [number, number],
  description: string,
): Switch<number> {
  return { schema: z.int().min(min).max(max), initial, takes: `whole number ${min} to ${max}`, description };
}

/** A share of all cases, none at the start. */
export function share(description: string): Switch<number> {
  return { schema: z.number().min(0).max(1), initial: 0, takes: "number 0 to 1", description };
}

/** One of some words; the first at the start. */
export function choice<const T extends string>(values: readonly [T, ...T[]], description: string): Switch<T> {
  return {
    schema: z.enum(values) as z.ZodType<T>,
    initial: values[0],
    takes: values.join(", "),
    description,
  };
}

/** What a table of switches can do. */
export interface SwitchDesk<T extends SwitchTable> {
  /** The positions at the start. */
  initial(): Positions<T>;
  /**
   * Applies `patch` (others' data) on positions: all of it or nothing. A `null` puts a switch back to its start.
   * `SANDBOX_SWITCH_INVALID` for a name that does not exist or a value that the switch does not take.
   */
  patch(positions: Positions<T>, patch: unknown): Success<Positions<T>> | Failure<"SANDBOX_SWITCH_INVALID">;
  /** Every switch with its position, in the order of the table. */
  view(
    positions: Positions<T>,
  ): readonly SwitchView<Extract<keyof T, string>, Positions<T>[Extract<keyof T, string>]>[];
}

/** A desk over `table`; it keeps no position itself. */
export function createSwitchDesk<const T extends SwitchTable>(table: T): SwitchDesk<T> {
  type Name = Extract<keyof T, string>;
  const names = Object.keys(table) as Name[];
  const schema = z.strictObject(
    Object.fromEntries(names.map((name) => [name, switchOf(name).schema.nullable().optional()])),
  );

  function switchOf<N extends Name>(name: N): Switch<Positions<T>[N]> {
    return table[name] as unknown as Switch<Positions<T>[N]>;
  }

  return {
    initial: () =>
      Object.fromEntries(names.map((name) => [name, switchOf(name).initial])) as unknown as Positions<T>,
    patch(positions, patch) {
      const read = schema.safeParse(patch);
      if (!read.success) return refuse(read.error);
      const next: Record<string, unknown> = { ...positions };
      for (const [name, value] of Object.entries(read.data)) {
        if (value !== undefined) next[name] = value ?? switchOf(name as Name).initial;
      }
      return succeed(next as unknown as Positions<T>);
    },
    view: (positions) =>
      names.map((name) => {
        const { initial, takes, description } = switchOf(name);
        return { name, value: positions[name], initial, takes, description };
      }),
  };
}

type Refusable<V> = Success<V> | Failure<"SANDBOX_SWITCH_INVALID">;

/** The switches whose position is a number, which may be one that counts down. */
type CountedName<T extends SwitchTable> = {
  [N in keyof T]: T[N] extends Switch<number> ? N : never;
}[keyof T];

/** The switches of one simulator, with their positions. */
export interface HeldSwitches<T extends SwitchTable> {
  current(): Positions<T>;
  /** As a desk's `patch`, on the positions that are held; a refused one leaves them as they are. */
  patch(patch: unknown): Refusable<Positions<T>>;
  /** Sets switches from inside, without a check. */
  turn(patch: Partial<Positions<T>>): void;
  view(): ReturnType<SwitchDesk<T>["view"]>;
  /** Whether the next of its kind is hit by a counted switch; counts it down. */
  spend(name: CountedName<T>): boolean;
}

export interface HoldOptions<T extends SwitchTable> {
  /** Where it differs from the table's own start. */
  readonly start?: Partial<Positions<T>>;
  /** Does what a patch asks for besides, before it holds; gives back what is to hold. */
  act?(next: Positions<T>, before: Positions<T>): Refusable<Positions<T>>;
  /** The positions are others now. */
  changed?(now: Positions<T>): void;
}

/** Every switch at its start: a good day. */
export function holdSwitches<const T extends SwitchTable>(
  table: T,
  options: HoldOptions<T> = {},
): HeldSwitches<T> {
  const desk = createSwitchDesk(table);
  let positions: Positions<T> = { ...desk.initial(), ...options.start };
  const set = (next: Positions<T>) => {
    positions = next;
    options.changed?.(next);
  };
  return {
    current: () => positions,
    patch(patch) {
      const read = desk.patch(positions, patch);
      const result = read.ok && options.act ? options.act(read.value, positions) : read;
      if (result.ok) set(result.value);
      return result;
    },
    turn: (patch) => set({ ...positions, ...patch }),
    view: () => desk.view(positions),
    spend(name) {
      const left = Number(positions[name]);
      if (left === 0) return false;
      set({ ...positions, [name]: left - 1 });
      return true;
    },
  };
}

function refuse(error: z.ZodError): Failure<"SANDBOX_SWITCH_INVALID"> {
  const issue = error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const name = String(unknown ?? issue?.path[0] ?? "").slice(0, 60);
  return fail("SANDBOX_SWITCH_INVALID", { switch: name, problem: issue?.message ?? "" });
}
