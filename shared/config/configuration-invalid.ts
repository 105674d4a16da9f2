/** A configuration file that cannot be used; the message says where and why. */
export class ConfigurationInvalid extends Error {
  override readonly name = "ConfigurationInvalid";
}
