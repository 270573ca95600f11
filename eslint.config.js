import tseslint from "typescript-eslint";

const noProcessEnv = {
  object: "process",
  property: "env",
  message: "Read lib/env.server.ts: the environment is parsed once.",
};

export default tseslint.config(
  { ignores: ["node_modules", ".next", "dist", "prisma/generated", "next-env.d.ts", "coverage"] },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 600, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 4],
      "no-empty": "error",
      "no-eval": "error",
      "no-restricted-properties": ["error", noProcessEnv],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "User text never becomes HTML except through app/_components/ui/static-markup.tsx.",
        },
        {
          selector: "MemberExpression[property.name='$queryRawUnsafe']",
          message: "Only tagged templates reach SQL; the one exception is lib/db.",
        },
        {
          selector: "MemberExpression[property.name='$executeRawUnsafe']",
          message: "Only tagged templates reach SQL; the one exception is lib/db.",
        },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: false }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/only-throw-error": "error",
    },
  },
  {
    // Tests read top to bottom: one describe callback may be long, and a fixture may be asserted to exist.
    files: ["**/*.test.ts", "**/*.test.tsx", "tests/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-properties": "off",
    },
  },
  {
    files: ["lib/env.server.ts", "scripts/**", "next.config.js", "bin/**"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["simulator/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "Date", message: "Take time from the virtual clock: same input, same bytes." },
        { name: "performance", message: "Take time from the virtual clock: same input, same bytes." },
        { name: "crypto", message: "Chance comes from the seeded generator." },
        { name: "process", message: "The core does not know what runs it." },
        { name: "console", message: "The core returns values; whoever called it prints." },
      ],
      "no-restricted-properties": [
        "error",
        {
          object: "Math",
          property: "random",
          message: "Chance comes from the seeded generator, so that a seed replays the run.",
        },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "AwaitExpression", message: "The core is synchronous." },
        { selector: "ImportExpression", message: "No dynamic import in the core." },
      ],
    },
  },
);
