// What made a slug, for the platform to keep with the build.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const { PAAS_TOOLCHAIN_DIR: toolchain } = process.env;
const read = (path) => JSON.parse(readFileSync(join(toolchain, path), "utf8"));

/** The table of slug.toml. A site that a build script made has no engine. */
export function toolchainTable({ engine }) {
  const versions = { node: process.versions.node };
  if (engine) Object.assign(versions, { esbuild: read("node_modules/esbuild/package.json").version, ...read("engine/engine.json").versions });
  const lines = Object.entries(versions).map(([name, version]) => `${name} = ${JSON.stringify(version)}\n`);
  return `\n[toolchain]\n${lines.join("")}`;
}
