using System.Text;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>The page of metrics is made from the program's own table of them.</summary>
public sealed class MetricsReferenceTests
{
    private const string FilePath = "src/docs/metrics.md", Begin = "<!-- The tables are made from the program. -->\n";

    private static readonly (string Title, Func<MetricFamily, bool> IsMeant)[] Parts =
    [
        ("The process", f => f is MetricFamily<ProcessView>),
        ("Each loop", f => f is MetricFamily<LoopView>),
        ("Each service", f => f is MetricFamily<ServiceView>),
        ("Each upstream", f => f is MetricFamily<UpstreamView>),
    ];

    [Fact]
    public void Page_HasEveryMetricAsTheProgramDescribesIt()
    {
        string path = Path.Combine(ProxyExecutable.RepositoryRoot, FilePath);
        string text = File.ReadAllText(path);
        string expected = text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + Tables();
        if (Environment.GetEnvironmentVariable("FASTTCPPROXY_WRITE_DOCUMENTS") == "1") File.WriteAllText(path, expected);
        else Assert.Equal(expected, text);
    }

    [Fact]
    public void Bounds_AreThoseOfTheProgram()
    {
        string text = File.ReadAllText(Path.Combine(ProxyExecutable.RepositoryRoot, FilePath));

        Assert.Contains(Seconds(HistogramBounds.Full), text, StringComparison.Ordinal);
        Assert.Contains($"of connects {Seconds(HistogramBounds.Connect)};", text, StringComparison.Ordinal);
        Assert.Contains($"of first bytes {Seconds(HistogramBounds.FirstByte)};", text, StringComparison.Ordinal);
        Assert.Contains($"of checks {Seconds(HistogramBounds.Check)}.", text, StringComparison.Ordinal);
    }

    private static string Seconds(HistogramBounds bounds) => string.Join(", ", bounds.Labels.SkipLast(1).Select(l => l.Pairs[0].Value));

    private static string Tables()
    {
        StringBuilder text = new();
        foreach ((string title, Func<MetricFamily, bool> isMeant) in Parts)
        {
            text.Append($"\n## {title}\n| metric | type, unit | labels | meaning |\n|---|---|---|---|\n");
            foreach (MetricFamily family in MetricTable.All.Where(isMeant)) text.Append(Row(family));
        }
        return text.ToString();
    }

    private static string Row(MetricFamily family)
    {
        string type = family.Kind.ToString().ToLowerInvariant() + family.Unit switch { "s" => ", seconds", "By" => ", bytes", _ => "" };
        string source = family.Source.Length > 0 ? $" ({family.Source})" : "";
        return $"| `{family.Name}` | {type} | {string.Join(", ", family.Labels.Select(l => $"`{l}`"))} | {family.Help[..^1]}{source} |\n";
    }
}
