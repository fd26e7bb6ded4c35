// Bundles static/css, static/js, static/img into static/dist: hashed names, minified, compressed, with manifest.json (logical name → file).
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const COMPRESSED = new Set([".css", ".js", ".svg", ".wasm", ".webmanifest", ".json"]);

/** Files of one folder that are an asset of their own; a leading underscore marks a part of others. */
function sources(folder, ...extensions) {
  const path = join(here, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .filter((entry) => extensions.length === 0 || extensions.includes(extname(entry.name)))
    .map((entry) => join(path, entry.name));
}

// A service worker runs at its own address and may not import chunks, so it is built alone.
const scripts = sources("js", ".js");
const workers = scripts.filter((path) => /^(sw|.+-worker)\.js$/.test(basename(path)));
const pages = [...sources("css", ".css"), ...scripts.filter((path) => !workers.includes(path))];

const common = {
  absWorkingDir: dirname(here),
  assetNames: "[name]-[hash]",
  bundle: true,
  chunkNames: "chunk-[hash]",
  entryNames: "[name]-[hash]",
  legalComments: "none",
  loader: { ".woff2": "file", ".svg": "file", ".png": "file" },
  logLevel: "warning",
  metafile: true,
  minify: true,
  outdir: dist,
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  write: false,
};

const manifest = {};
const files = new Map();

async function bundle(entryPoints, options) {
  if (entryPoints.length === 0) return;
  const result = await build({ ...common, ...options, entryPoints });
  for (const file of result.outputFiles) files.set(basename(file.path), file.contents);
  for (const [output, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    if (entryPoint) manifest[basename(entryPoint)] = basename(output);
  }
}

function copy(path) {
  const contents = readFileSync(path);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
  const extension = extname(path);
  const name = `${basename(path, extension)}-${hash}${extension}`;
  manifest[basename(path)] = name;
  files.set(name, contents);
}

await bundle(pages, { format: "esm", splitting: true });
await bundle(workers, { format: "iife" });
for (const path of sources("img")) copy(path);

// The decoder must be of the version that barcode-detector itself was built with: another one loads and then crashes.
const ofDetector = createRequire(createRequire(import.meta.url).resolve("barcode-detector"));
copy(ofDetector.resolve("zxing-wasm/reader/zxing_reader.wasm"));

mkdirSync(dist, { recursive: true });
const keep = new Set(["manifest.json"]);
function keepOrWrite(name, contents) {
  keep.add(name);
  const path = join(dist, name);
  if (!existsSync(path)) writeFileSync(path, contents());
}
for (const [name, contents] of files) {
  keepOrWrite(name, () => contents);
  if (!COMPRESSED.has(extname(name)) || contents.length < 512) continue;
  keepOrWrite(`${name}.gz`, () => gzipSync(contents, { level: 9 }));
  keepOrWrite(`${name}.br`, () => brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}

const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
const draft = join(dist, ".manifest.json");
writeFileSync(draft, JSON.stringify(sorted, null, 1) + "\n");
renameSync(draft, join(dist, "manifest.json"));
// Old files go only after the new manifest stands, so that a running server never points at nothing.
for (const name of readdirSync(dist)) if (!keep.has(name)) rmSync(join(dist, name), { recursive: true });
