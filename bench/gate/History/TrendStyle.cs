namespace FastTcpProxy.Gate.History;

/// <summary>How <see cref="TrendPage"/> looks, in the light and in the dark. A constant.</summary>
internal static class TrendStyle
{
    public const string Css =
        """
        :root { color-scheme: light dark; --text: #1c2024; --soft: #5f6870; --rule: #dfe3e6; --back: #fff; --line: #1f6fb4; --good: #1a7f37; --bad: #c4262e; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #e6e9ec; --soft: #9aa4ad; --rule: #353b41; --back: #15181b; --line: #6ab0ec; --good: #57c170; --bad: #ff7b72; }
        }
        body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 1240px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 28px; }
        .good { color: var(--good); } .bad, tr.bad td { color: var(--bad); font-weight: 600; } .none { color: var(--soft); }
        .steps { display: flex; flex-wrap: wrap; gap: 2px 20px; list-style: none; padding: 0; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; } th, td { text-align: right; padding: 3px 12px; border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
        td:not(:first-child) { white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; } th { color: var(--soft); font-weight: 500; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 20px 24px; }
        figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; overflow: visible; }
        svg text { fill: var(--soft); font-size: 11px; } .grid { stroke: var(--rule); } .baseline { stroke: var(--soft); stroke-dasharray: 5 4; }
        .trend { fill: none; stroke: var(--line); stroke-width: 1.6; stroke-linejoin: round; } .passed { fill: var(--line); }
        .failed { fill: var(--back); stroke: var(--bad); stroke-width: 1.6; } .regression { fill: var(--bad); }
        circle:hover, path:hover { stroke: var(--text); stroke-width: 2; }
        .legend { color: var(--soft); } .key { display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin: 0 5px 0 8px; }
        .key.passed { background: var(--line); margin-left: 0; } .key.failed { box-shadow: inset 0 0 0 2px var(--bad); }
        .key.regression { background: var(--bad); border-radius: 0; transform: rotate(45deg); }
        .key.line { width: 18px; height: 0; border-radius: 0; border-top: 2px dashed var(--soft); vertical-align: middle; }

        """;
}
