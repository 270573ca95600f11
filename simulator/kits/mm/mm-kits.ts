/** The models of memory management: path and text of each. Texts are `String.raw` strings, one module a kit. */
import { anonVmaKit } from "./anon-vma.ts";
import { cowKit } from "./cow.ts";
import { damonKit, pageIdleKit } from "./damon.ts";
import { folioKit } from "./folio.ts";
import { referencedKit } from "./folio-referenced.ts";
import { forkKit } from "./fork.ts";
import { hugeKit } from "./huge.ts";
import { khugepagedKit } from "./khugepaged.ts";
import { memoryFailureKit } from "./memory-failure.ts";
import { migrateKit } from "./migrate.ts";
import { mremapKit } from "./mremap.ts";
import { munmapKit } from "./munmap.ts";
import { pgtableKit } from "./pgtable.ts";
import { rmapKit } from "./rmap.ts";
import { rmapFileKit } from "./rmap-file.ts";
import { rmapKsmKit } from "./rmap-ksm.ts";
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
  ["mm/rmap_ksm.h", rmapKsmKit],
  ["mm/rmap_file.h", rmapFileKit],
  ["mm/folio_referenced.h", referencedKit],
  ["mm/try_to_unmap.h", tryToUnmapKit],
  ["mm/migrate.h", migrateKit],
  ["mm/userfaultfd.h", userfaultfdKit],
  ["mm/munmap.h", munmapKit],
  ["mm/fork.h", forkKit],
  ["mm/vma_adjust.h", vmaAdjustKit],
  ["mm/mremap.h", mremapKit],
  ["mm/cow.h", cowKit],
  ["mm/huge.h", hugeKit],
  ["mm/khugepaged.h", khugepagedKit],
  ["mm/damon.h", damonKit],
  ["mm/page_idle.h", pageIdleKit],
  ["mm/memory_failure.h", memoryFailureKit],
];
