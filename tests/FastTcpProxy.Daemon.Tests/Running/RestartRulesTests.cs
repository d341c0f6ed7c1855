using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>What a reload cannot change, key by key; and that a file without a change is none.</summary>
public sealed class RestartRulesTests
{
    private const string Text = """
        { "services": [{ "name": "s", "listen": ["127.0.0.1:1"], "upstreams": [{ "address": "192.0.2.1:25" }] }],
          "engine": { "threads": 2, "maxSessions": 9, "drainTimeout": "1s" }, "log": { "format": "none" },
          "admin": { "socket": "/run/x.sock", "stateDirectory": "/var/lib/x" } }
        """;

    [Theory]
    [InlineData("\"name\": \"s\"", "\"name\": \"t\"", null)]
    [InlineData("\"maxSessions\": 9", "\"maxSessions\": 8", null)]
    [InlineData("\"drainTimeout\": \"1s\"", "\"drainTimeout\": \"2s\"", null)]
    [InlineData("\"threads\": 2", "\"threads\": 1", "engine.threads")]
    [InlineData("\"none\"", "\"tcplog\"", "log.format")]
    [InlineData("/run/x.sock", "/run/y.sock", "admin.socket")]
    [InlineData("/var/lib/x", "/var/lib/y", "admin.stateDirectory")]
    [InlineData("\"socket\": \"/run/x.sock\",", "\"socket\": { \"path\": \"/run/x.sock\", \"mode\": \"0600\" },", "admin.socket")]
    public void Check_OneEdit_NamesTheKey(string from, string to, string? key)
    {
        Assert.Empty(Check(Text));
        Assert.Contains(from, Text);

        var errors = Check(Text.Replace(from, to));

        Assert.Equal(key is null ? [] : [key], errors.Select(e => e.Message.Split(' ')[0]));
        Assert.All(errors, e => Assert.Equal((ConfigurationCodes.NeedsRestart, "proxy.json"), (e.Code, e.File)));
    }

    [Fact]
    public void Check_SeveralEdits_AreAtTheirPlacesInTheirOrder()
    {
        string text = Text.Replace("\"threads\": 2", "\"threads\": 1").Replace("\"none\"", "\"tcplog\"")
            .Replace("/run/x.sock", "/run/y.sock");

        Assert.Equal([("engine.threads", 2, 26), ("log.format", 2, 90), ("admin.socket", 3, 24)],
            Check(text).Select(e => (e.Message.Split(' ')[0], e.Line, e.Column)));
    }

    [Fact]
    public void Check_KeyThatIsGone_IsAtTheObjectThatHadIt()
    {
        string text = Text.Replace("\"threads\": 2, ", "").Replace(", \"log\": { \"format\": \"none\" }", "");
        ProxyConfiguration wanted = Parse(text);
        ProxyConfiguration now = wanted with
        {
            Engine = wanted.Engine with { Threads = wanted.Engine.Threads + 1 },
            Log = new LogConfiguration { Format = LogFormatSetting.None },
        };

        Assert.Equal([("log.format", 1, 1), ("engine.threads", 2, 13)],
            RestartRules.Check(now, wanted, Encoding.UTF8.GetBytes(text),
                "proxy.json").Select(e => (e.Message.Split(' ')[0], e.Line, e.Column)));
    }

    /// <summary>A take-over finds the running process by the path that its own file has.</summary>
    [Theory]
    [InlineData("\"socket\": \"/run/x.sock\"", "\"socket\": \"/run/y.sock\"", 24,
        "change while the proxy runs, expected \"/run/x.sock\", with which it was started")]
    [InlineData("\"socket\": \"/run/x.sock\", ", "", 12,
        "be removed while the proxy runs, expected \"/run/x.sock\", with which it was started")]
    public void Check_AdminSocket_SaysWhatItWas_AndThatATakeOverWouldNotFindIt(string from, string to, int column, string expected)
    {
        ConfigurationError error = Assert.Single(Check(Text.Replace(from, to)));

        Assert.Equal((3, column), (error.Line, error.Column));
        Assert.Equal(
            $"admin.socket cannot {expected}; set it back, or stop the proxy and start it again: run --take-over looks for the running "
            + "process at the path in its own file", error.Message);
    }

    [Fact]
    public void Check_AdminSocketThatIsNew_ExpectsNone()
    {
        string without = Text.Replace("\"socket\": \"/run/x.sock\", ", "");
        ConfigurationError error =
            Assert.Single(RestartRules.Check(Parse(without), Parse(Text), Encoding.UTF8.GetBytes(Text), "proxy.json"));

        Assert.Equal((3, 24), (error.Line, error.Column));
        Assert.StartsWith("admin.socket cannot be added while the proxy runs, expected none, as it was started; ", error.Message);
    }

    private static System.Collections.Immutable.ImmutableArray<ConfigurationError> Check(string text) =>
        RestartRules.Check(Parse(Text), Parse(text), Encoding.UTF8.GetBytes(text), "proxy.json");

    [Fact]
    public void Options_OfTheCommandLine_AreInPlaceOfTheFileForEveryReload()
    {
        StartOptions options = new("proxy.json", Threads: 3, LogFormat: LogFormatSetting.Json);
        Assert.Empty(RestartRules.Check(options.Apply(Parse(Text)), options.Apply(Parse(Text.Replace("\"threads\": 2", "\"threads\": 1"))),
            default, "proxy.json"));
        ProxyConfiguration applied = options.Apply(Parse(Text));
        Assert.Equal((3, LogFormatSetting.Json, 9), (applied.Engine.Threads, applied.Log.Format, applied.Engine.MaxSessions));
    }

    private static ProxyConfiguration Parse(string text) =>
        ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(text), "proxy.json").Configuration!;
}
