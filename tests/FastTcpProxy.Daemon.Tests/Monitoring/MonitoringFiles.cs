using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Monitoring;

/// <summary>The rules and the dashboard that the program comes with. Immutable.</summary>
internal static partial class MonitoringFiles
{
    public static string RulesPath => PathOf("fasttcpproxy.rules.yml");

    public static string RulesTestPath => PathOf("fasttcpproxy.rules.test.yml");

    public static string DashboardPath => PathOf("fasttcpproxy.dashboard.json");

    /// <summary>The names of the alerts, in their order.</summary>
    public static string[] Alerts() => [.. Alert().Matches(File.ReadAllText(RulesPath)).Select(match => match.Groups[1].Value)];

    /// <summary>What each alert says is to be done, with "x" for every label.</summary>
    public static IEnumerable<string> Actions() =>
        Action().Matches(File.ReadAllText(RulesPath)).Select(match => Label().Replace(match.Groups[1].Value, "x"));

    /// <summary>The panels of the dashboard with the expressions of each.</summary>
    public static (string Title, string Expression)[] Panels()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(DashboardPath));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.GetProperty("type").GetString() != "row"
               from target in panel.GetProperty("targets").EnumerateArray()
               select (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!),
        ];
    }

    /// <summary>The metrics that a text names, without the endings of a histogram's series.</summary>
    public static IEnumerable<string> MetricsIn(string text) =>
        Metric().Matches(text).Select(match => HistogramSeries().Replace(match.Value, "")).Distinct();

    private static string PathOf(string name) => Path.Combine(ProxyExecutable.RepositoryRoot, "src/FastTcpProxy.Daemon/Monitoring", name);

    [GeneratedRegex(@"^ +action: ""(.+)""$", RegexOptions.Multiline)]
    private static partial Regex Action();

    [GeneratedRegex(@"\{\{ \$labels\.\w+ \}\}")]
    private static partial Regex Label();

    [GeneratedRegex(@"^ +- alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"(?<![:\w])(fasttcpproxy|process)_\w+(?=[{\[ )])")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSeries();
}
