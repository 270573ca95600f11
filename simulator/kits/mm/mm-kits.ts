/** The models of memory management: path and text of each. Texts are `String.raw` strings, one module a kit. */
import { anonVmaKit } from "./anon-vma.ts";
import { folioKit } from "./folio.ts";
import { referencedKit } from "./folio-referenced.ts";
import { migrateKit } from "./migrate.ts";
import { munmapKit } from "./munmap.ts";
import { pgtableKit } from "./pgtable.ts";
import { rmapKit } from "./rmap.ts";
import { tryToUnmapKit } from "./try-to-unmap.ts";
import { typesKit } from "./types.ts";
import { userfaultfdKit } from "./userfaultfd.ts";
import { vmaAdjustKit } from "./vma-adjust.ts";
import { vmaKit } from "./vma.ts";

export const mmKits: readonly (readonly [path: string, text: string])[] = [
  ["mm/types.h", typesKit],
  ["mm/folio.h", folioKit],
  ["mm/pgtable.h", pgtableKit],
  ["mm/anon_vma.h", anonVmaKit],
  ["mm/vma.h", vmaKit],
  ["mm/rmap.h", rmapKit],
  ["mm/folio_referenced.h", referencedKit],
  ["mm/try_to_unmap.h", tryToUnmapKit],
  ["mm/migrate.h", migrateKit],
  ["mm/userfaultfd.h", userfaultfdKit],
  ["mm/munmap.h", munmapKit],
  ["mm/vma_adjust.h", vmaAdjustKit],
];
