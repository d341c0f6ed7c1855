using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The keys of guards, at the top and of services, what they become for the engine, and what is wrong with them.</summary>
public sealed class GuardKeysTests
{
    [Fact]
    public void NoGuards_NobodyIsJudged() => Assert.Null(PolicyOf("", ""));

    [Fact]
    public void Keys_EachGiven_IsTheValueOfItsOwn()
    {
        GuardPolicy policy = PolicyOf("", """
            "default": "drop", "allow": ["192.0.2.0/24"], "onRefuse": "drop",
            "perSource": { "sessions": 1, "connections": "2/s", "burst": 3, "ipv6Prefix": 56 },
            "total": { "connections": "300/m", "burst": 5, "pendingConnects": 6 },
            "ban": { "after": 7, "within": "8s", "for": "9s", "max": "10s" }
            """)!;
        Assert.Equal((false, RefusalAction.Drop, 56), (policy.ServesUnlisted, policy.OnRefuse, policy.Ipv6Prefix));
        Assert.Equal(new SourceLimits(1, TokenRate.Of(2, 3), new BanTerms(7, 8_000, 9_000, 10_000)), policy.PerSource);
        Assert.Equal(new TotalLimits(TokenRate.Of(5, 5), 6), policy.Total);
        Assert.Equal(1, policy.Networks!.Table.Count);
        Assert.True(policy.HasOwnSources && policy.HasOwnTotal);
    }

    /// <summary>The first connections of a source that was quiet are as many as the rate names, and a ban has its defaults.</summary>
    [Fact]
    public void Defaults_OfBurstAndBan()
    {
        GuardPolicy policy = PolicyOf("\"perSource\": { \"connections\": \"30/m\" }, \"ban\": {}", "")!;
        Assert.Equal(new SourceLimits(0, TokenRate.Of(0.5, 30), new BanTerms(20, 60_000, 60_000, 86_400_000)), policy.PerSource);
    }

    [Fact]
    public void Service_KeysReplaceSingleOnesOfTheFile()
    {
        const string all = """
            "deny": ["192.0.2.1"], "allow": ["192.0.2.2"], "perSource": { "sessions": 5, "connections": "9/s", "burst": 90 },
            "ban": { "after": 3, "for": "5s" }
            """;
        GuardPolicy shared = PolicyOf(all, "")!, own = PolicyOf(all, "\"deny\": [], \"perSource\": { \"connections\": \"7/s\" }")!;
        Assert.False(shared.HasOwnSources);
        Assert.True(own.HasOwnSources);
        Assert.Equal((2, 1), (shared.Networks!.Table.Count, own.Networks!.Table.Count));
        Assert.Equal(new SourceLimits(5, TokenRate.Of(7, 7), new BanTerms(3, 60_000, 5_000, 86_400_000)), own.PerSource);
        Assert.Equal(TokenRate.Of(9, 90), shared.PerSource.Connections);
    }

    [Fact]
    public void TotalSessions_LowerTheOtherLimits()
    {
        ProxyConfiguration configuration = Given.Valid(Text("\"total\": { \"sessions\": 70 }", "\"total\": { \"sessions\": 30 }"));
        Assert.Equal((70, 30), (configuration.Engine.MaxSessions, configuration.Services[0].Settings.SessionsMax));
    }

    /// <summary>A reload of what is unchanged changes nothing, and one of a changed list does.</summary>
    [Fact]
    public void Policies_AreEqualAsTheirListsAre()
    {
        using TempFolder folder = new("lists");
        string text = Text($"\"lists\": [{{ \"file\": \"{folder["deny.txt"]}\" }}]", "");
        File.WriteAllText(folder["deny.txt"], "192.0.2.1\n2001:db8::/32 # a comment\n");
        GuardPolicy before = Read(text);
        Assert.Equal(before, Read(text));
        File.WriteAllText(folder["deny.txt"], "192.0.2.1\n2001:db8::/33\n");
        Assert.NotEqual(before, Read(text));
    }

    [Theory]
    [InlineData("\"deny\": [\"192.0.2.1/24\"]", "C031", "the address has bits beyond the prefix, did you mean \"192.0.2.0/24\"?")]
    [InlineData("\"deny\": [\"192.0.2.0/33\"]", "C030", "the prefix has at most 32 bits")]
    [InlineData("\"deny\": [\"192.0.2.1\", \"192.0.2.1\"]", "C034", "is already given at")]
    [InlineData("\"perSource\": { \"connections\": \"0/s\" }", "C030", "zero is not allowed: no client would be served")]
    [InlineData("\"perSource\": { \"connections\": \"20\" }", "C031", "the unit is missing), write \"20/s\"")]
    [InlineData("\"perSource\": { \"connections\": \"20/d\" }", "C031", "the unit is s, m or h")]
    [InlineData("\"perSource\": { \"connections\": \"-1/s\" }", "C031", "a rate has no sign")]
    [InlineData("\"perSource\": { \"connections\": \"9999999/s\" }", "C030", "too high")]
    [InlineData("\"perSource\": { \"sessions\": 0 }", "C030", "expected a whole number from 1 to 1000000")]
    [InlineData("\"ban\": { \"for\": \"2d\" }", "C030", "ban.for is longer than ban.max")]
    [InlineData("\"lists\": [{ \"file\": \"/nowhere/deny.txt\" }]", "C047", "nothing of it is taken")]
    public void Mistakes_AreOneErrorEach(string guards, string code, string message)
    {
        var error = Assert.Single(ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(Text(guards, "")), Given.FileName).Errors);
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("\"perSource\": { \"burst\": 5 }", "perSource.burst has no effect without a rate")]
    [InlineData("\"total\": { \"burst\": 5 }", "total.burst has no effect without a rate")]
    [InlineData("\"ban\": {}", "ban has no effect, because nothing limits a source")]
    [InlineData("\"default\": \"drop\"", "no client is served")]
    public void Keys_WithoutEffect_AreAWarningEach(string guards, string message)
    {
        var warning = Assert.Single(Given.Parse(Text(guards, "\"deny\": []")).Warnings);
        Assert.Equal("C180", warning.Code);
        Assert.Contains(message, warning.Message);
    }

    private static GuardPolicy? PolicyOf(string all, string own) => Given.Valid(Text(all, own)).Services[0].Settings.Guards;

    private static GuardPolicy Read(string text) => Given.Valid(text).Services[0].Settings.Guards!;

    private static string Text(string all, string own) => $$"""
        { "services": [{ "name": "s", "listen": ["192.0.2.9:1"], "upstreams": [{ "name": "a", "address": "192.0.2.1:1" }]
            {{(own.Length > 0 ? $", \"guards\": {{ {own} }}" : "")}} }]
          {{(all.Length > 0 ? $", \"guards\": {{ {all} }}" : "")}} }
        """;
}
