using System.Text;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>What a reload would change, in the words of the two texts.</summary>
public sealed class ConfigurationDiffTests
{
    private const string Upstreams = """ "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }, { "name": "b", "address": "192.0.2.2:"""
        + """25" }, { "address": "192.0.2.3:25" }] """;

    private static readonly string Before =
        Text("s", $"\"listen\": [\"127.0.0.1:1\", \"127.0.0.1:2\"], \"mode\": \"raw\", \"keepAlive\": {{ \"idle\": \"1m\" }}, {Upstreams}");

    public static TheoryData<string, string, string[]> Changes => new()
    {
        { "\"mode\"", "\"mode\"", [] },
        { "\"mode\": \"raw\",", "/* why */ \"mode\" : \"raw\" , ", [] },
        { "\"mode\": \"raw\"", "\"mode\": \"proxy-v1\"", ["services[s].mode: \"raw\" -> \"proxy-v1\""] },
        { "\"mode\": \"raw\", ", "", ["services[s].mode: removed, was \"raw\""] },
        { "\"mode\": \"raw\"", "\"mode\": \"raw\", \"maxSessions\": 7", ["services[s].maxSessions: added, 7"] },
        { "\"idle\": \"1m\"", "\"idle\": \"2m\", \"count\": 3",
            ["services[s].keepAlive.idle: \"1m\" -> \"2m\"", "services[s].keepAlive.count: added, 3"] },
        { "\"127.0.0.1:2\"", "\"127.0.0.1:3\"",
            ["services[s].listen: [\"127.0.0.1:1\", \"127.0.0.1:2\"] -> [\"127.0.0.1:1\", \"127.0.0.1:3\"]"] },
        { "\"name\": \"a\", \"address\": \"192.0.2.1:25\"", "\"name\": \"a\", \"address\": \"192.0.2.9:25\", \"enabled\": false",
            ["services[s].upstreams[a].address: \"192.0.2.1:25\" -> \"192.0.2.9:25\"", "services[s].upstreams[a].enabled: added, false"] },
        { "\"name\": \"b\"", "\"name\": \"c\"", ["services[s].upstreams[c]: added", "services[s].upstreams[b]: removed"] },
        // Without a name the address is the name.
        { "\"192.0.2.3:25\"", "\"192.0.2.4:25\"",
            ["services[s].upstreams[192.0.2.4:25]: added", "services[s].upstreams[192.0.2.3:25]: removed"] },
        { "[{ \"name\": \"a\", \"address\": \"192.0.2.1:25\" }, { \"name\": \"b\", \"address\": \"192.0.2.2:25\" }, ",
            "[{ \"name\": \"b\", \"address\": \"192.0.2.2:25\" }, { \"name\": \"a\", \"address\": \"192.0.2.1:25\" }, ",
            ["services[s].upstreams: order a, b, 192.0.2.3:25 -> b, a, 192.0.2.3:25"] },
        { "\"name\": \"s\"", "\"name\": \"t\"", ["services[t]: added", "services[s]: removed"] },
        { "{ \"services\"", "{ \"$schema\": \"./x.json\", \"engine\": { \"maxSessions\": 5 }, \"services\"",
            ["engine: added, { maxSessions: 5 }"] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Compare_OneEdit_SaysIt(string from, string to, string[] lines)
    {
        Assert.Contains(from, Before);
        Assert.Equal(lines, Compare(Before, Before.Replace(from, to)));
    }

    [Fact]
    public void Compare_ByteOrderMark_IsNoDifference() =>
        Assert.Empty(ConfigurationDiff.Compare(Encoding.UTF8.GetBytes(Before),
            [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Before)]));

    [Fact]
    public void Compare_Long_IsCutAndOnOneLine()
    {
        string line = Assert.Single(Compare(Before, Before.Replace("\"mode\"", $"\"healthCheck\": {{ \"headers\": {{ \"X\": "
            + $"\"{new string('h', 500)}\" }} }}, \"mode\"")));
        Assert.EndsWith("...", line);
        Assert.InRange(line.Length, 80, 200);
        line = Assert.Single(Compare(Before, Before.Replace("\"mode\"", "\"healthCheck\": { \"body\": \"a\\nb\" }, \"mode\"")));
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void Compare_LongValuesThatBeginAlike_AreShownWhereTheyDiffer()
    {
        string start = new('p', 200);
        Assert.Equal([$"a: ...{new string('p', 20)}1\" -> ...{new string('p', 20)}2\""],
            Compare($$"""{ "a": "{{start}}1" }""", $$"""{ "a": "{{start}}2" }"""));
    }

    [Fact]
    public void Compare_ValuesWithQuotes_AreNotTakenForOthers() =>
        Assert.Single(Compare("""{ "a": ["x\", \"y"] }""", """{ "a": ["x", "y"] }"""));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Compare_ManyDifferences_AreCountedBeyondTheLimit(int beyond)
    {
        string[] lines = Compare(Services(0), Services(ConfigurationDiff.LinesMax + beyond));
        Assert.Equal(ConfigurationDiff.LinesMax + beyond, lines.Length);
        Assert.Equal(beyond == 0 ? $"services[s{ConfigurationDiff.LinesMax}]: added" : "and 1 more", lines[^1]);

        static string Service(int i) => $$"""{ "name": "s{{i}}", "listen": ["127.0.0.1:{{i + 1}}"], {{Upstreams}} }""";
        static string Services(int count) =>
            $$"""{ "services": [{{string.Join(",", Enumerable.Range(0, count + 1).Select(Service))}}] }""";
    }

    [Fact]
    public void Compare_NoJson_Throws() => Assert.Throws<ArgumentException>(() => Compare(Before, "{"));

    private static string Text(string name, string keys) => $$"""{ "services": [{ "name": "{{name}}", {{keys}} }] }""";

    private static string[] Compare(string before, string after) =>
        [.. ConfigurationDiff.Compare(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after))];
}
