using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>
/// Reads a page in the Prometheus text format strictly, and fails at what a scraper would refuse or misunderstand: a sample without a
/// declared family, families in pieces, a series twice, an escape that is none. Immutable.
/// </summary>
internal sealed partial class PrometheusSamples
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal), _helps = new(StringComparer.Ordinal);

    public PrometheusSamples(string page)
    {
        Assert.EndsWith("\n", page);
        string? helped = null, family = null;
        foreach (string line in page.Split('\n')[..^1])
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                helped = line.Split(' ')[2];
                _helps[helped] = line;
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                family = words[2];
                Assert.Equal(helped, family);
                Assert.True(_types.TryAdd(family, words[3]), $"{family} is declared twice");
            }
            else Read(line, family!);
        }
    }

    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyDictionary<string, string> Helps => _helps;

    public IEnumerable<string> Series => _samples.Keys;

    /// <summary>The value of a series; its labels in the order of their names, with values as they are meant.</summary>
    public double this[string series] => _samples.TryGetValue(series, out double value)
        ? value
        : throw new KeyNotFoundException($"{series} is not on the page");

    public bool Has(string series) => _samples.ContainsKey(series);

    /// <summary>The family of samples with this name.</summary>
    public string FamilyOf(string name) => _types.ContainsKey(name) ? name : Suffix().Replace(name, "");

    private void Read(string line, string family)
    {
        Match match = Sample().Match(line);
        Assert.True(match.Success, $"not a sample: {line}");
        string name = match.Groups["name"].Value;
        string meant = _types[family] == "histogram" ? Suffix().Replace(name, "") : name;
        Assert.True(meant == family, $"{line} stands among the samples of {family}");
        var labels = match.Groups["label"].Captures.Select((c, i) => (Name: c.Value, Value: match.Groups["value"].Captures[i].Value));
        Assert.Equal(labels.Select(l => l.Name).Distinct(), labels.Select(l => l.Name));
        string series = $"{name}{{{string.Join(',', labels.OrderBy(l => l.Name).Select(l => $"{l.Name}={Unescape(l.Value)}"))}}}";
        Assert.True(_samples.TryAdd(series, double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)),
            $"{series} is there twice");
    }

    private static string Unescape(string value)
    {
        StringBuilder text = new();
        for (int i = 0; i < value.Length; i++)
        {
            text.Append(value[i] != '\\' ? value[i] : value[++i] switch
            {
                'n' => '\n',
                '\\' or '"' => value[i],
                var other => throw new FormatException($"\\{other}"),
            });
        }
        return text.ToString();
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][\w:]*)(\{((?<label>[a-zA-Z_]\w*)="(?<value>([^"\\]|\\.)*)",?)+\})? (?<number>[-+.\w]+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
