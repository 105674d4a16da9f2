/** A bus that doubles, delays, reorders and loses: a message is handed to whichever process of a name lives. */
import type { Bus, Topic } from "../../../shared/platform/bus.ts";
import type { Draws } from "./draws.ts";
import type { Process, Simulation } from "./simulation.ts";

export interface BusWeather {
  /** Of 100 wake-ups, so many are lost; so many publications fail. */
  lostPercent: number;
  /** Of 100 messages, so many come more than once. */
  doubledPercent: number;
  /** The longest way of a message, in milliseconds. */
  longestMs: number;
}

type Handler = (message: unknown) => Promise<void>;

interface Subscriber {
  readonly process: Process;
  readonly handle: Handler;
}

const AGAIN_AFTER_MS = 400;

export class UnrulyBus {
  readonly weather: BusWeather;
  readonly #simulation: Simulation;
  readonly #draws: Draws;
  readonly #subscribers = new Map<string, Subscriber[]>();
  /** Messages that must be handled and were not yet. */
  waiting = 0;

  constructor(simulation: Simulation, draws: Draws, weather: BusWeather) {
    this.#simulation = simulation;
    this.#draws = draws;
    this.weather = weather;
  }

  /** The bus as one process reaches it. */
  of(process: Process): Bus {
    return {
      publish: async <M>(topic: Topic<M>, message: M) => {
        await new Promise<void>((resolve) => {
          this.#simulation.after(this.#draws.between(0, 5), resolve, process);
        });
        if (this.#draws.chance(this.weather.lostPercent / 2)) throw new Error("the bus is away");
        this.tell(topic.name, message);
      },
      subscribe: async () => ({ close: async () => undefined }),
      close: async () => undefined,
    };
  }

  listen(topic: string, process: Process, handle: Handler): void {
    this.#subscribers.set(topic, [...(this.#subscribers.get(topic) ?? []), { process, handle }]);
  }

  /** A wake-up: each copy of it may be lost. */
  tell(topic: string, message: unknown): void {
    if (this.#draws.chance(this.weather.lostPercent)) return;
    for (let copy = this.#copies(); copy > 0; copy -= 1) {
      this.#simulation.after(this.#wayMs(), () => {
        const subscriber = this.#anyOf(topic);
        void subscriber?.handle(message).catch(() => undefined);
      });
    }
  }

  /** A message that comes until somebody has dealt with it, and perhaps once more then. */
  bring(topic: string, message: unknown): void {
    for (let copy = this.#copies(); copy > 0; copy -= 1) {
      this.waiting += 1;
      this.#bringOne(topic, message, this.#wayMs());
    }
  }

  #bringOne(topic: string, message: unknown, wayMs: number): void {
    this.#simulation.after(wayMs, () => {
      const subscriber = this.#anyOf(topic);
      if (subscriber === undefined) {
        this.#bringOne(topic, message, AGAIN_AFTER_MS);
        return;
      }
      let isOver = false;
      const over = (isDone: boolean) => {
        if (isOver) return;
        isOver = true;
        if (isDone) this.waiting -= 1;
        else this.#bringOne(topic, message, AGAIN_AFTER_MS);
      };
      subscriber.process.onDeath(() => over(false));
      subscriber.handle(message).then(
        () => over(true),
        () => over(false),
      );
    });
  }

  #anyOf(topic: string): Subscriber | undefined {
    const alive = (this.#subscribers.get(topic) ?? []).filter(({ process }) => !process.isDead);
    return alive.length === 0 ? undefined : this.#draws.pick(alive);
  }

  #copies(): number {
    return this.#draws.chance(this.weather.doubledPercent) ? this.#draws.between(2, 3) : 1;
  }

  #wayMs(): number {
    return this.#draws.chance(60)
      ? this.#draws.between(0, 6)
      : this.#draws.between(0, this.weather.longestMs);
  }
}
