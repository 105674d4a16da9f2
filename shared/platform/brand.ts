declare const unit: unique symbol;

/** A value of type `T` that only the file owning the brand may make. */
export type Brand<T, U extends string> = T & { readonly [unit]: U };
