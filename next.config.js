/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // Types, lint and formatting are checked by `npm run check`; the build only builds.
  typescript: { ignoreBuildErrors: true, tsconfigPath: "tsconfig.next.json" },
  // Packages with native parts or files that they read from their own folder stay outside the bundle.
  serverExternalPackages: ["pg", "pg-boss", "pino", "esbuild"],
  devIndicators: false,
};

export default config;
