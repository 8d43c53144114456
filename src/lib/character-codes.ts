/** Codes of characters in ASCII, which are the same in bytes and in the units of a text. */
export const newline = 10;
export const carriageReturn = 13;
export const space = 32;
export const doubleQuote = 34;
export const comma = 44;
export const colon = 58;
export const openingBracket = 91;
export const backslash = 92;
export const closingBracket = 93;
export const openingBrace = 123;
export const closingBrace = 125;
