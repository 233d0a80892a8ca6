/** Hash of a text in lower-case hexadecimal digits; core is handed one, since it has no library of its own. */
export type HashText = (text: string) => string;

/** The first eight digits: enough to tell names apart, short enough to be read. */
export const hash8 = (hash: HashText, text: string): string => hash(text).slice(0, 8);
