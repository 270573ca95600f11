import { describe, expect, it } from "vitest";
import { hunkKey } from "./hunk-key.ts";

const name = { messageId: "root@example.org", path: "mm/rmap.c", oldStart: 547, ordinal: 0 };

describe("hunkKey", () => {
  it("is pinned: a changed key would orphan every stored result", () => {
    expect(hunkKey(name)).toBe("js46qlnt7wyi2wjlnh4aw2lagi");
  });

  it("does not depend on angle brackets around the Message-ID", () => {
    expect(hunkKey({ ...name, messageId: "<root@example.org>" })).toBe(hunkKey(name));
  });

  it("differs when any part of the name differs", () => {
    const others = [
      { ...name, messageId: "other@example.org" },
      { ...name, path: "mm/rmap.h" },
      { ...name, oldStart: 548 },
      { ...name, ordinal: 1 },
    ];
    expect(new Set([name, ...others].map(hunkKey)).size).toBe(5);
  });
});
