using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Each named maximum of a check is taken, and one more is refused.</summary>
public sealed class HealthCheckLimitTests
{
    [Fact]
    public void Url_AtAndAboveLimit() =>
        Check(ConfigurationLimits.CheckUrlLengthMax,
            length => GivenCheck.Service($$"""{ "url": "{{"http://a/".PadRight(length, 'x')}}" }"""),
            "C030", "(it has 2049 characters), expected a URL such as \"http://{host}:8080/health\" of at most 2048 characters");

    [Fact]
    public void Method_AtAndAboveLimit() => Check(ConfigurationLimits.CheckMethodLengthMax,
        length => GivenCheck.Http($"\"method\": \"{new string('M', length)}\""), "C030", "(it has 33 characters)");

    [Fact]
    public void Headers_CountAtAndAboveLimit() => Check(ConfigurationLimits.CheckHeadersMax,
        count => GivenCheck.Http($"\"headers\": {{ {string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"X-{i}\": \"\""))} }}"),
        "C030", "services[0].healthCheck.headers has 33 headers, expected at most 32");

    [Fact]
    public void Headers_LengthAtAndAboveLimit() => Check(ConfigurationLimits.CheckHeadersLengthMax,
        length => GivenCheck.Http($"\"headers\": {{ \"A\": \"12\", \"BB\": \"{new string('x', length - 5)}\" }}"),
        "C030", "services[0].healthCheck.headers has 8193 characters of names and values, expected at most 8192");

    [Fact]
    public void Body_AtAndAboveLimit()
    {
        // Two bytes a character: the limit is one of bytes.
        Check(ConfigurationLimits.CheckBodyBytesMax / 2, count => GivenCheck.Http($"\"body\": \"{new string('é', count)}\""), "C030",
            "(it has 16386 bytes)");
        Check(ConfigurationLimits.CheckBodyBytesMax, count => GivenCheck.Http($"\"body\": \"hex:{new string('0', 2 * count)}\""), "C030",
            "(it has 16385 bytes)");
    }

    [Fact]
    public void Send_AtAndAboveLimit() => Check(ConfigurationLimits.CheckSendBytesMax,
        count => GivenCheck.Tcp($"\"send\": \"{new string('x', count)}\""), "C030",
        "(it has 4097 bytes), expected a text, or bytes as \"hex:0d0a\", of at most 4096 bytes");

    [Fact]
    public void Pattern_AtAndAboveLimit()
    {
        string Body(string text) => GivenCheck.Http($"\"expect\": {{ \"body\": \"{text}\" }}");

        Check(ConfigurationLimits.PatternLengthMax, count => Body(new string('x', count)), "C030", "(it has 1025 bytes)");
        Check(ConfigurationLimits.PatternLengthMax, count => Body($"hex:{new string('0', 2 * count)}"), "C030", "(it has 1025 bytes)");
        Check(ConfigurationLimits.PatternLengthMax, count => Body($"/{new string('x', count)}/i"), "C030",
            "(the expression has 1025 characters)");
    }

    [Fact]
    public void FailStatus_AtAndAboveLimit() => Check(ConfigurationLimits.FailStatusMax,
        count => GivenCheck.Http(
            $"\"expect\": {{ \"failStatus\": [{string.Join(", ", Enumerable.Range(400, count).Select(code => $"\"{code}\""))}] }}"),
        "C033", "services[0].healthCheck.expect.failStatus has 65 items, expected 0 to 64 items");

    [Theory]
    [InlineData("successes")]
    [InlineData("failures")]
    public void Probes_AtAndAboveLimit(string key) => Check(ConfigurationLimits.ProbesMax,
        count => GivenCheck.Http($"\"probes\": {{ \"{key}\": {count} }}"), "C030",
        $"probes.{key} is 101, expected a whole number from 1 to 100");

    [Fact]
    public void Times_AtAndOutsideLimits()
    {
        string Key(string key, TimeSpan time) => GivenCheck.Http($"\"{key}\": \"{(long)time.TotalMilliseconds}ms\"");
        TimeSpan one = TimeSpan.FromMilliseconds(1);

        foreach ((string key, TimeSpan min, TimeSpan max) in new[]
            { ("timeout", ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax),
                ("interval", ConfigurationLimits.CheckIntervalMin, ConfigurationLimits.CheckIntervalMax) })
        {
            Given.Valid(Key(key, min));
            Given.Valid(Key(key, max));
            Assert.Equal("C030", Given.OnlyError(Key(key, min - one)).Code);
            Assert.Equal("C030", Given.OnlyError(Key(key, max + one)).Code);
        }
    }

    [Fact]
    public void CertificatePath_AtAndAboveLimit_IsLookedForOrNot()
    {
        string Tls(int bytes) => GivenCheck.Service(
            $$"""{ "url": "https://{host}/", "tls": { "verify": true, "caFile": "/{{new string('x', bytes - 1)}}" } }""");

        Assert.Equal("C047", Given.OnlyError(Tls(ConfigurationLimits.PathBytesMax)).Code);
        Assert.Equal("C030", Given.OnlyError(Tls(ConfigurationLimits.PathBytesMax + 1)).Code);
    }

    [Fact]
    public void Expression_ThatIsAllThatTheBoundsAllow_TakesABoundedTime()
    {
        // Thousands of states are alive at every character of such an answer: without a bound it takes seconds.
        ContentPattern pattern = GivenCheck.Valid(GivenCheck.Http("\"expect\": { \"body\": \"/a[ab]{9000}c/\" }")).Expect.Body!;
        string answer = string.Concat(Enumerable.Range(0, 65_536).Select(i => i * 2654435761 % 7 < 3 ? 'a' : 'b'));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Assert.Throws<RegexMatchTimeoutException>(() => pattern.Expression!.IsMatch(answer));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void LargestFile_OfChecksThatAreAllTheirOwn_TakesLittleTime()
    {
        // 18,000 upstreams that each have keys of their own and inherit the others, an expression among them.
        string upstreams =
            string.Join(",", Enumerable.Range(1, 64).Select(i => $"{{\"address\":\"a:{i}\",\"healthCheck\":{{\"timeout\":\"1s\"}}}}"));
        string services = string.Join(",", Enumerable.Range(1, 290).Select(i =>
            $$$"""{"name":"s{{{i}}}","listen":["127.0.0.1:{{{i}}}"],"upstreams":[{{{upstreams}}}],"healthCheck":{"url":"http:"""
            + $$$"""//{host}/","expect":{"body":"/^(a|b)+[^c]{50}/i"} }}"""));
        string json = $"{{\"services\":[{services}]}}";
        var clock = System.Diagnostics.Stopwatch.StartNew();

        ProxyConfiguration configuration = Given.Parse(json).Configuration!;

        Assert.InRange(json.Length, ConfigurationFile.BytesMax * 8 / 10, ConfigurationFile.BytesMax);
        Assert.Equal(290 * 64,
            configuration.Services.Sum(service => service.Upstreams.Count(upstream => upstream.HealthCheck is not null)));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    private static void Check(int limit, Func<int, string> json, string code, string says)
    {
        Given.Valid(json(limit));
        ConfigurationError error = Given.OnlyError(json(limit + 1));
        Assert.Equal(code, error.Code);
        Assert.Contains(says, error.Message);
    }
}
