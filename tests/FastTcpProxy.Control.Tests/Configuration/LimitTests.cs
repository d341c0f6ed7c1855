using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Each named maximum is taken, and one more is refused.</summary>
public sealed class LimitTests
{
    [Fact]
    public void Services_AtAndAboveLimit()
    {
        string Services(int count) => "{ \"services\": [" + Many(count, i =>
            $$"""{ "name": "s{{i}}", "listen": ["127.0.0.1:{{i + 1}}"], "upstreams": [{ "address": "192.0.2.1:1" }] }""") + "] }";

        Assert.Equal(ConfigurationLimits.ServicesMax, Given.Valid(Services(ConfigurationLimits.ServicesMax)).Services.Length);
        CheckAbove(Services(ConfigurationLimits.ServicesMax + 1), "services has 1025 items, expected 1 to 1024 items");
    }

    [Fact]
    public void Listen_AtAndAboveLimit()
    {
        string Listen(int count) => Given.Service(listen: "[" + Many(count, i => $"\"127.0.0.1:{i + 1}\"") + "]");

        Assert.Equal(ConfigurationLimits.ListenMax, Given.Valid(Listen(ConfigurationLimits.ListenMax)).Services[0].Listen.Length);
        CheckAbove(Listen(ConfigurationLimits.ListenMax + 1), "services[0].listen has 65 items, expected 1 to 64 items");
        CheckAbove(Listen(0), "services[0].listen is empty, expected 1 to 64 items");
    }

    [Fact]
    public void Upstreams_AtAndAboveLimit()
    {
        string Upstreams(int count) => Given.Service(upstreams: "[" + Many(count, i => $$"""{ "address": "192.0.2.1:{{i + 1}}" }""") + "]");

        Assert.Equal(ConfigurationLimits.UpstreamsMax,
            Given.Valid(Upstreams(ConfigurationLimits.UpstreamsMax)).Services[0].Upstreams.Length);
        CheckAbove(Upstreams(ConfigurationLimits.UpstreamsMax + 1), "services[0].upstreams has 65 items, expected 1 to 64 items");
        CheckAbove(Upstreams(0), "services[0].upstreams is empty, expected 1 to 64 items");
    }

    [Fact]
    public void Networks_AtAndAboveLimit()
    {
        string Networks(int count) =>
            Given.Service("\"acceptProxy\": { \"from\": [" + Many(count, i => $"\"10.{i / 256}.{i % 256}.0/24\"") + "] }");

        Assert.Equal(ConfigurationLimits.NetworksMax,
            Given.Valid(Networks(ConfigurationLimits.NetworksMax)).Services[0].Settings.AcceptProxy!.From.Networks.Length);
        CheckAbove(Networks(ConfigurationLimits.NetworksMax + 1), "services[0].acceptProxy.from has 257 items, expected 1 to 256 items");
    }

    [Fact]
    public void SourceAddresses_AtAndAboveLimit()
    {
        string Sources(int count) => Given.Service("\"sourceAddresses\": [" + Many(count, i => $"\"10.0.{i / 256}.{i % 256}\"") + "]");

        Assert.Equal(ConfigurationLimits.SourceAddressesMax,
            Given.Valid(Sources(ConfigurationLimits.SourceAddressesMax)).Services[0].Settings.SourceAddresses.Length);
        CheckAbove(Sources(ConfigurationLimits.SourceAddressesMax + 1),
            "services[0].sourceAddresses has 257 items, expected 0 to 256 items");
    }

    [Fact]
    public void PassTlvs_AtAndAboveLimit()
    {
        string Tlvs(IEnumerable<int> types) => Given.Service(
            "\"acceptProxy\": { \"from\": [\"10.0.0.1\"], \"passTlvs\": ["
            + string.Join(", ", types.Select(type => $"\"0x{type:X2}\"")) + "] }");
        var all = Enumerable.Range(0, 256).Where(type => type is not (3 or 4));

        Assert.Equal(ConfigurationLimits.PassTlvsMax, Given.Valid(Tlvs(all)).Services[0].Settings.AcceptProxy!.PassTlvs.Length);
        CheckAbove(Tlvs(all.Append(5)), "services[0].acceptProxy.passTlvs has 255 items, expected 0 to 254 items");
    }

    [Fact]
    public void Names_AtAndAboveLimit()
    {
        string longest = new('a', ConfigurationLimits.NameLengthMax);
        string upstream(string name) => $$"""[{ "name": "{{name}}", "address": "192.0.2.1:1" }]""";

        Given.Valid(Given.Service(name: $"\"{longest}\"", upstreams: upstream(longest)));
        foreach (string json in new[] { Given.Service(name: $"\"{longest}a\""), Given.Service(upstreams: upstream(longest + "a")) })
        {
            ConfigurationError error = Given.OnlyError(json);
            Assert.Equal("C030", error.Code);
            Assert.Contains("(it has 65 characters), expected 1 to 64", error.Message);
        }
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"a/b\"")]
    [InlineData("\"é\"")]
    [InlineData("\"a\\n\"")]
    public void Names_OtherCharacters_AreError(string name) => Assert.Equal("C031", Given.OnlyError(Given.Service(name: name)).Code);

    [Fact]
    public void Names_EveryAllowedKindOfCharacter_IsTaken() => Given.Valid(Given.Service(name: "\"aZ09._-\""));

    [Fact]
    public void Paths_AtAndAboveLimit()
    {
        string State(int bytes) => Given.Root("\"admin\": { \"stateDirectory\": \"/" + new string('x', bytes - 1) + "\" }");
        string Socket(int bytes) => Given.Root("\"admin\": { \"socket\": \"/" + new string('x', bytes - 1) + "\" }");

        Given.Valid(State(ConfigurationLimits.PathBytesMax));
        Assert.Equal("C031", Given.OnlyError(State(ConfigurationLimits.PathBytesMax + 1)).Code);
        Given.Valid(Socket(ConfigurationLimits.AdminSocketPathBytesMax));
        Assert.Equal("C031", Given.OnlyError(Socket(ConfigurationLimits.AdminSocketPathBytesMax + 1)).Code);
    }

    [Fact]
    public void Problems_AtAndAboveLimit_AreShownAndCounted()
    {
        string Unknown(int count) => Given.Root(Many(count, i => $"\"x{i}\": 1"));

        Assert.Equal(ConfigurationLimits.ProblemsMax, Given.Parse(Unknown(ConfigurationLimits.ProblemsMax)).Errors.Length);
        ConfigurationResult above = Given.Parse(Unknown(ConfigurationLimits.ProblemsMax + 7));
        Assert.Equal(ConfigurationLimits.ProblemsMax + 1, above.Errors.Length);
        Assert.Equal(("C099", "not shown: 7 more problems; correct those above first"), (above.Errors[^1].Code, above.Errors[^1].Message));
    }

    [Fact]
    public void Problems_OfALargestFileOnOneLine_TakeLittleTime()
    {
        // 80,000 unknown keys and 32,000 listeners of one port: what costs more than one pass over the file takes minutes, this about a
        // second of a processor; the bound leaves room for a busy one.
        string keys = Given.Root(Many(80_000, i => $"\"x{i}\":1"));
        const string Upstreams = "\"upstreams\": [{ \"address\": \"a:1\" }]";
        string Listens(int service) => Many(64, i => $"\"10.0.{service % 256}.{i}:1\"");
        string listens = "{ \"services\": ["
            + Many(500, service => $$"""{ "name": "s{{service}}", {{Upstreams}}, "listen": [{{Listens(service)}}] }""")
            + $$""", { "name": "all", {{Upstreams}}, "listen": ["[::]:1"] }] }""";
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Assert.Equal(101, Given.Parse(keys).Errors.Length);
        Assert.Equal(101, Given.Parse(listens).Errors.Length);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    /// <summary>
    /// Texts that are not JSON, on one line as long as a file may be: what goes over the rest of the line at each of its parts takes a
    /// minute in all.
    /// </summary>
    [Theory]
    [InlineData("\u201D", 150_000, " ", 500_000)]
    [InlineData("'a',", 250_000, "", 0)]
    public void Syntax_OfALargestFileOnOneLine_TakesLittleTime(string part, int parts, string end, int ends)
    {
        string text = "{\"services\": \"" + string.Concat(Enumerable.Repeat(part, parts)) + string.Concat(Enumerable.Repeat(end, ends));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Assert.NotEmpty(Given.Parse(text).Errors);
        // Of a busy processor; one pass takes less than two seconds, the first line took 55 with a pass at each quote.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    private static string Many(int count, Func<int, string> item) => string.Join(",", Enumerable.Range(0, count).Select(item));

    private static void CheckAbove(string json, string message)
    {
        ConfigurationError error = Given.OnlyError(json);
        Assert.Equal(("C033", message), (error.Code, error.Message));
    }
}
