/** Kernel headers whose contents the language has as code: path and text of each. */
export const linuxKits: readonly (readonly [path: string, text: string])[] = [];
