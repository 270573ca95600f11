/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // Types, lint and formatting are checked by `npm run check`; the build only builds.
  typescript: { ignoreBuildErrors: true, tsconfigPath: "tsconfig.next.json" },
  // Packages with native parts or files that they read from their own folder stay outside the bundle.
  serverExternalPackages: ["pg", "pg-boss", "pino", "esbuild"],
  devIndicators: false,
  // Titles stand in the head for every reader, not only for known robots: a page without scripts has them too.
  htmlLimitedBots: /.*/,
  headers: () =>
    Promise.resolve([
      {
        source: "/:path*",
        headers: [
          { key: "x-content-type-options", value: "nosniff" },
          { key: "referrer-policy", value: "same-origin" },
          { key: "x-frame-options", value: "DENY" },
          { key: "cross-origin-opener-policy", value: "same-origin" },
          { key: "permissions-policy", value: "camera=(), microphone=(), geolocation=()" },
        ],
      },
    ]),
};

export default config;
