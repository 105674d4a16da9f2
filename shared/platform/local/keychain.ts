/** Why the keychain of this machine gave no answer. */
export type KeychainTrouble = "off" | "unavailable" | "timeout";

export type KeychainAnswer<T> =
  | { readonly isAvailable: true; readonly value: T }
  | { readonly isAvailable: false; readonly trouble: KeychainTrouble };

/** The operating system's keychain, as far as Openbell needs it: one text for each account. */
export interface Keychain {
  /** The text; undefined when there is none. */
  read(account: string): Promise<KeychainAnswer<string | undefined>>;
  write(account: string, text: string): Promise<KeychainAnswer<void>>;
}

/** The keychain of a machine that has none, or whose owner has switched it off. */
export function createAbsentKeychain(): Keychain {
  const answer = { isAvailable: false, trouble: "off" } as const;
  return { read: async () => answer, write: async () => answer };
}
