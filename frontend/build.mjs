// Renews gongjian/ground/ui/static/ui/vendor and icons.svg from the pinned npm packages (ADR 0002).
// Run `npm ci && npm run build` here; what it writes is committed, so that nobody else needs Node.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import postcss from "postcss";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const statics = join(here, "..", "gongjian", "ground", "ui", "static", "ui");
const vendor = join(statics, "vendor");

// Families of Tabler that no page of ours may use: colours outside our palette, brands, dark mode, other people's
// widgets. Everything else stays, so that a template may use any Bootstrap class without building again.
const COLOURS = "blue|azure|indigo|purple|pink|orange|yellow|lime|cyan|x|facebook|twitter|linkedin|google|youtube|vimeo|dribbble|" +
  "github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|apple";
const DROP = [
  new RegExp(`\\.(?:bg|text|btn|btn-outline|btn-ghost|badge|alert|border|border-\\w+|link|icon|ribbon|status|steps|progress|table|list-group-item|text-bg|bg-gradient|card|avatar|nav|form-colorinput|form-selectgroup|stroke|fill|tag|toast)-(?:${COLOURS})(?:-lt|-fg|-darken|-subtle|-emphasis)?(?![\\w-])`),
  /\[data-bs-theme=["']?dark|\[data-bs-theme-(?:base|primary|radius|font)/,
  /\.(?:litepicker|apexcharts|jsvectormap|jvm|ts-|tom-select|plyr|fslightbox|gl-star|dropzone|clr-|fc-|hljs|tox|noUi|noui|typed|turbo|carousel|navbar|offcanvas|accordion-(?:tabs|inverted)|chart-sparkline|payment|flag-|social|star-rating|signature|pricing|hero|browser|hr-text-spaceless|bg-pattern|mce-)/,
  /\.g(?:x|y)?-(?:sm|md|lg|xl|xxl)-/,
  /\.(?:opacity|order|columns|object|float)-(?:sm|md|lg|xl|xxl)-/,
];

async function stylesheet() {
  const from = join(modules, "@tabler/core/dist/css/tabler.min.css");
  const root = postcss.parse(await readFile(from, "utf8"), { from });
  root.walkRules((rule) => {
    if (rule.parent.type === "atrule" && /keyframes$/.test(rule.parent.name)) return;
    const kept = rule.selectors.filter((selector) => !DROP.some((pattern) => pattern.test(selector)));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  root.walkAtRules((rule) => {
    if (rule.nodes && rule.nodes.length === 0) rule.remove();
  });
  return unmapped(root.toString());
}

const unmapped = (text) => text.replace(/\n?(?:\/\*#|\/\/#) sourceMappingURL=[^\n]*/g, "");

async function icons() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(names.map(async (name) => {
    const svg = await readFile(join(modules, `@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const shapes = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
      .replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").replace(/\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  }));
  return '<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Tabler Icons, MIT, vendor/LICENSE-tabler-icons.txt; '
    + `chosen in frontend/icons.txt -->\n${symbols.join("\n")}\n</svg>\n`;
}

const version = async (name) => JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
const tablerLicence = async () => {
  // @tabler/core carries no licence file of its own: its head comment and its sister package's MIT text say it.
  const head = (await readFile(join(modules, "@tabler/core/dist/css/tabler.min.css"), "utf8")).match(/\/\*![\s\S]*?\*\//)[0];
  return `${head}\n\n${await readFile(join(modules, "@tabler/icons/LICENSE"), "utf8")}`;
};

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
const versions = {};
for (const [name, files] of Object.entries({
  "@tabler/core": ["tabler.min.css", "tabler.min.js"],
  "@tabler/icons": ["../icons.svg"],
  "htmx.org": ["htmx.min.js"],
})) {
  const about = await version(name);
  versions[name] = { version: about.version, licence: about.license, files };
}
await writeFile(join(vendor, "tabler.min.css"), await stylesheet());
await writeFile(join(vendor, "tabler.min.js"),
  unmapped(await readFile(join(modules, "@tabler/core/dist/js/tabler.min.js"), "utf8")));
await writeFile(join(vendor, "htmx.min.js"), await readFile(join(modules, "htmx.org/dist/htmx.min.js")));
await writeFile(join(statics, "icons.svg"), await icons());
await writeFile(join(vendor, "LICENSE-tabler.txt"), await tablerLicence());
await writeFile(join(vendor, "LICENSE-tabler-icons.txt"), await readFile(join(modules, "@tabler/icons/LICENSE")));
await writeFile(join(vendor, "LICENSE-htmx.txt"), await readFile(join(modules, "htmx.org/LICENSE")));
await writeFile(join(vendor, "VERSIONS.json"), JSON.stringify(versions, null, 2) + "\n");

// WhiteNoise hands out what lies packed beside a file; it does not pack by itself when it serves from the package.
for (const file of [join(vendor, "tabler.min.css"), join(vendor, "tabler.min.js"), join(vendor, "htmx.min.js"), join(statics, "icons.svg")]) {
  await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }));
}
