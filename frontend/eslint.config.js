import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = ["library", "asset", "people", "search", "inbox", "activity", "login"];

/** Features don't import each other: src/app composes them. */
const featureBorders = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: features
          .filter((other) => other !== feature)
          .map((other) => ({ group: [`@/features/${other}/*`, `**/features/${other}/*`] })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat["recommended-latest"],
  {
    languageOptions: { globals: globals.browser },
    rules: {
      "max-lines": ["error", { max: 400 }],
      "@typescript-eslint/consistent-type-imports": "error",
      // Speaks to the React compiler, which is not used here.
      "react-hooks/incompatible-library": "off",
    },
  },
  { files: ["scripts/**"], languageOptions: { globals: globals.node } },
  ...featureBorders,
);
