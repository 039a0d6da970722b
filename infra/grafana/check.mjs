// Types each dashboard against Grafana's own schema, and shows that three spoilt copies are refused: make check-dashboards
// Run where @grafana/schema and typescript are installed; arguments: the dashboards' files.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const OPTIONS = {
  piechart: "piechart/panelcfg/x/PieChartPanelCfg_types.gen",
  stat: "stat/panelcfg/x/StatPanelCfg_types.gen",
  timeseries: "timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen",
};
const PACKAGE = "./node_modules/@grafana/schema/dist/esm";
// JSON has the values of an enum and not its names; options of a panel may leave out what has a default.
const HEAD = `
import type { Dashboard } from "@grafana/schema";
type Plain<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T : { [K in keyof T]: Plain<T[K]> };
type Part<T> = T extends string ? \`\${T}\` : T extends Array<infer U> ? Part<U>[] : T extends object ? { [K in keyof T]?: Part<T[K]> } : T;
${Object.entries(OPTIONS)
  .map(([kind, file]) => `import type { Options as ${kind} } from "${PACKAGE}/raw/composable/${file}";`)
  .join("\n")}
`;

const SPOILT = {
  "refresh is a number": (d) => { d.refresh = 30; },
  "a pie of a kind that Grafana does not have": (d) => {
    d.panels.find((panel) => panel.type === "piechart").options.pieType = "square";
  },
  "a panel without its width": (d) => { delete d.panels[0].gridPos.w; },
};

function typed(dashboard) {
  const panels = dashboard.panels.map((panel, n) => {
    if (!OPTIONS[panel.type]) throw new Error(`${panel.title}: nothing here knows a panel of type ${panel.type}`);
    return `export const options${n}: Part<${panel.type}> = ${JSON.stringify(panel.options ?? {})};`;
  });
  return `${HEAD}export const dashboard: Plain<Dashboard> = ${JSON.stringify(dashboard)};\n${panels.join("\n")}\n`;
}

function faults(sources) {
  for (const [name, text] of Object.entries(sources)) fs.writeFileSync(name, text);
  const program = ts.createProgram(Object.keys(sources), {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  const found = Object.fromEntries(Object.keys(sources).map((name) => [name, []]));
  for (const fault of ts.getPreEmitDiagnostics(program)) {
    const name = fault.file ? path.basename(fault.file.fileName) : "the check itself";
    (found[name] ??= []).push(ts.flattenDiagnosticMessageText(fault.messageText, "\n").slice(0, 600));
  }
  return found;
}

const sources = {}, told = {};
for (const file of process.argv.slice(2)) {
  const name = `${path.basename(file, ".json")}.ts`;
  sources[name] = typed(JSON.parse(fs.readFileSync(file, "utf8")));
  told[name] = { file, spoilt: false };
}
const first = process.argv.find((file) => file.endsWith("trading.json"));  // it has panels of every kind
Object.entries(SPOILT).forEach(([how, spoil], n) => {
  const copy = JSON.parse(fs.readFileSync(first, "utf8"));
  spoil(copy);
  sources[`spoilt${n}.ts`] = typed(copy);
  told[`spoilt${n}.ts`] = { file: `${path.basename(first)}, ${how}`, spoilt: true };
});

let bad = false;
for (const [name, list] of Object.entries(faults(sources))) {
  const { file, spoilt } = told[name] ?? { file: name, spoilt: false };
  if (spoilt === list.length > 0) {
    console.log(`${file}: ${spoilt ? "refused, as it must be" : "Grafana's types fit"}`);
  } else {
    bad = true;
    console.log(`${file}: ${spoilt ? "ACCEPTED: the check is blind" : list.join("\n")}`);
  }
}
process.exit(bad ? 1 : 0);
