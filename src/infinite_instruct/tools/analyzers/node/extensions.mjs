// Find modules that are named without extension or as a folder, as bundlers do.
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The loader hook `resolve` of node. */
export async function resolve(specifier, context, next) {
  if (!specifier.startsWith(".") || !context.parentURL) return next(specifier, context);
  const url = new URL(specifier, context.parentURL).href;
  const found = [url, `${url}.js`, `${url}/index.js`].find((each) =>
    statSync(fileURLToPath(each), { throwIfNoEntry: false })?.isFile());
  return next(found ?? specifier, context);
}
