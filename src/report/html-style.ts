/**
 * The style sheet of the page. Colours have a contrast of 4.5 and more on each background that they
 * are used on; `npm run test:browser` measures it.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --box: #f6f8fa; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --link: #0969da;
  --passed: #1a7f37; --failed: #cf222e; --warning: #8a5c00; --held: #8a5c00; --unknown: #59636e;
  --glyph: #fff; --failing: #fff5f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --box: #151b23; --text: #f0f6fc; --quiet: #9198a1; --line: #3d444d; --link: #4493f8;
    --passed: #3fb950; --failed: #f85149; --warning: #d29922; --held: #d29922; --unknown: #9198a1;
    --glyph: #0d1117; --failing: #25171c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem; background: var(--page); color: var(--text);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3 { margin: 0; line-height: 1.3; font-weight: 600; }
h1 { font-size: 1.4rem; }
h2 { margin: 2rem 0 0.75rem; font-size: 1.15rem; }
h3 { display: inline; font-size: inherit; font-weight: inherit; }
.failing > summary, .failing.bare { font-weight: 600; }
p { margin: 0.75rem 0; }
a { color: var(--link); }
code, pre {
  font: 0.875em/1.45 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
code { padding: 0.1em 0.3em; border-radius: 4px; background: var(--box); unicode-bidi: isolate; }
pre {
  margin: 0.75rem 0; padding: 0.75rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--box); overflow: auto; overflow-wrap: normal;
}
.lead { border: 1px solid var(--line); border-left: 5px solid var(--quiet); border-radius: 6px; padding: 1rem; }
.lead.passed { border-left-color: var(--passed); }
.lead.failed { border-left-color: var(--failed); }
.lead.warning, .lead.held { border-left-color: var(--warning); }
.lead p { margin: 0.6rem 0 0; }
.quiet { color: var(--quiet); }
.mark { width: 1em; height: 1em; margin-right: 0.4em; vertical-align: -0.125em; flex: none; }
.mark circle, .mark .area { fill: currentColor; stroke: none; }
.mark path { fill: none; stroke: var(--glyph); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.mark .area { stroke: none; fill: currentColor; }
.passed { color: var(--passed); }
.failed { color: var(--failed); }
.warning { color: var(--warning); }
.held { color: var(--held); }
.unknown { color: var(--unknown); }
.lead.passed, .lead.failed, .lead.warning, .lead.held, .lead.unknown { color: inherit; }
th code, td code { padding: 0; background: none; }
.scroll { margin: 0.75rem 0; overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; overflow-wrap: break-word; }
th, td { padding: 0.4rem 0.7rem; border: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: inherit; }
thead th { background: var(--box); font-weight: 600; }
.long { min-width: 15rem; }
tr.failing > * { background: var(--failing); }
.state tbody th { font-weight: 600; white-space: nowrap; }
details, .bare { margin: 0.5rem 0; border: 1px solid var(--line); border-radius: 6px; padding: 0 0.9rem; }
summary { margin: 0 -0.9rem; padding: 0.55rem 0.9rem; cursor: pointer; border-radius: 6px; }
summary:hover { background: var(--box); }
.bare { padding: 0.55rem 0.9rem; }
figure { margin: 0 0 1.5rem; }
figcaption { margin-bottom: 0.5rem; color: var(--quiet); }
.chart { display: block; width: 100%; overflow: visible; }
.chart text { fill: var(--text); font-size: 13px; paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
.chart .tick, .chart .took { fill: var(--quiet); }
.chart .tick { font-size: 12px; font-variant-numeric: tabular-nums; }
.chart .environment { font-weight: 600; }
.chart .grid { stroke: var(--line); }
.chart .track { fill: var(--box); }
.chart .bar { fill: var(--passed); }
.chart .bar.failed { fill: var(--failed); }
.chart .word { fill: var(--failed); font-weight: 600; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 0.75rem; color: var(--quiet); font-size: 0.8125rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  summary { list-style: none; }
  .scroll, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  tr, figure { break-inside: avoid; }
  h1, h2, summary { break-after: avoid; }
}
@media print { details::details-content { content-visibility: visible; block-size: auto; } }
`
