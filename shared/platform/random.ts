/** Where unpredictable bytes come from: the system's generator, or a seeded one in tests and simulators. */
export interface Random {
  /** `count` fresh bytes. */
  bytes(count: number): Uint8Array;
}
