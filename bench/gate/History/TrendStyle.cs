namespace FastTcpProxy.Gate.History;

/// <summary>How <see cref="TrendPage"/> looks, in the light and in the dark. A constant.</summary>
internal static class TrendStyle
{
    public const string Css =
        """
        tr.bad td { color: var(--bad); font-weight: 600; } .none { color: var(--soft); }
        .steps { display: flex; flex-wrap: wrap; gap: 2px 20px; list-style: none; padding: 0; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 20px 24px; }
        .baseline { stroke: var(--soft); stroke-dasharray: 5 4; } .trend { stroke: var(--blue); } .passed { fill: var(--blue); }
        .failed { fill: var(--back); stroke: var(--bad); stroke-width: 1.6; } .regression { fill: var(--bad); }
        circle:hover, path:hover { stroke: var(--text); stroke-width: 2; }
        .legend { color: var(--soft); } .key { display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin: 0 5px 0 8px; }
        .key.passed { background: var(--blue); margin-left: 0; } .key.failed { box-shadow: inset 0 0 0 2px var(--bad); }
        .key.regression { background: var(--bad); border-radius: 0; transform: rotate(45deg); }
        .key.line { width: 18px; height: 0; border-radius: 0; border-top: 2px dashed var(--soft); vertical-align: middle; }

        """;
}
