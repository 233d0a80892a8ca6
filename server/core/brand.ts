declare const brand: unique symbol;

/** A value of `Base` that went through the one constructor of `Name`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
