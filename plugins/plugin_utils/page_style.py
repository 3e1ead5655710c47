# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The style sheet of the pages that are written: light and dark, on a phone, on paper; it loads nothing."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --soft: #565e68; --paper: #ffffff; --card: #f3f5f7; --edge: #c9ced5;
  --accent: #1f5fa8; --good: #1d7a3e; --bad: #b3261e; --todo: #fff3c4; --todo-ink: #5b4500; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --soft: #a3acb8; --paper: #14171b; --card: #1e2329; --edge: #3a424c;
    --accent: #82b4f0; --good: #6fd08c; --bad: #ff8a80; --todo: #4a3d0c; --todo-ink: #ffe9a6; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
p, ul, ol { max-width: 46rem; }
h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3, h4 { font-size: 1rem; }
h2 { border-bottom: 1px solid var(--edge); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; } dt { color: var(--soft); }
dd { margin: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .5rem; } }
.scroll { overflow-x: auto; margin: .5rem 0; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--edge); }
thead th { color: var(--soft); } .stack thead th, .nowrap { white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; } td.time { white-space: nowrap; }
@media (max-width: 40rem) {
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr { display: block; }
  .stack tr { padding: .4rem 0; border-bottom: 1px solid var(--edge); }
  .stack td, .stack td.number { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .6rem; padding: .1rem 0;
    border: 0; text-align: left; white-space: normal; }
  .stack td::before { content: attr(data-label); color: var(--soft); } .stack td:empty { display: none; }
}
pre { background: var(--card); padding: .6rem; overflow-x: auto; font-size: .85rem; } summary { cursor: pointer; }
.todo { background: var(--todo); color: var(--todo-ink); padding: .4rem .6rem; border-left: .25rem solid currentColor; }
.people { border-left: .25rem solid var(--accent); padding-left: .8rem; margin: .8rem 0; }
.soft { color: var(--soft); } figure { margin: 1rem 0; } figcaption { font-weight: 600; }
.legend { color: var(--soft); font-weight: 400; white-space: nowrap; }
svg { display: block; width: 100%; max-width: 36rem; height: auto; font: 12px system-ui, sans-serif; }
svg .label { fill: var(--ink); stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; paint-order: stroke; }
svg .axis { stroke: var(--edge); } svg .bar { fill: var(--accent); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 2; } svg .act { fill: var(--accent); opacity: .15; }
svg .limit { stroke: var(--bad); stroke-dasharray: 4 3; }
svg .good { fill: var(--good); } svg .bad { fill: var(--bad); }
@media print { body { max-width: none; } details { display: block; } }
"""
