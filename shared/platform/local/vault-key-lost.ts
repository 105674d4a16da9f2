/** The vault on this machine cannot be opened: its master key is missing, or is another one. */
export class VaultKeyLost extends Error {
  override readonly name = "VaultKeyLost";
  /** The entry of the error table that says what to do now. */
  readonly code = "VAULT_KEY_LOST";
}
