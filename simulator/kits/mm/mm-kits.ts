/** The models of memory management: path and text of each. Texts are `String.raw` strings, one module a kit. */
export const mmKits: readonly (readonly [path: string, text: string])[] = [];
