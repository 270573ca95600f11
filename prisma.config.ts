import { defineConfig } from "prisma/config";

// Only `prisma generate` and `prisma format` are used: migrations are plain SQL applied by lib/db/migrate (see docs/decisions/0003).
export default defineConfig({ schema: "prisma/schema.prisma" });
