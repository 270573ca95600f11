/**
 * One person, several addresses: a sender who changes employers in the middle of a series is still its author. Mails with one
 * address, or with one full name, are one person's; used for grouping patches only, never for rights.
 */
import { UnionFind } from "../thread/thread.ts";

export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** A name of at least two words without what a list appended ("Ada Example via List"), words sorted; null for less. */
export function fullNameKey(name: string): string | null {
  const own = name.replace(/\s+via\s.*$/i, "").replace(/\([^)]*\)/g, " ");
  const words = own
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ");
  return words.length >= 2 ? words.sort().join(" ") : null;
}

/** A function from a sender to a key that is equal for all senders that are one person among those given. */
export function personKeys(senders: readonly Sender[]): (sender: Sender) => string {
  const sets = new UnionFind();
  for (const sender of senders) {
    const name = fullNameKey(sender.name);
    // A list that rewrites senders gives its own address to many people: there only the name speaks.
    if (name !== null && !isRewritten(sender)) sets.join(addressKey(sender), `name\0${name}`);
  }
  return (sender) => {
    const name = fullNameKey(sender.name);
    return sets.find(isRewritten(sender) && name !== null ? `name\0${name}` : addressKey(sender));
  };
}

function isRewritten(sender: Sender): boolean {
  return /\svia\s/i.test(sender.name);
}

function addressKey(sender: Sender): string {
  return `address\0${sender.address.toLowerCase()}`;
}
