using FastTcpProxy.Daemon.Admin.Documents;
using FastTcpProxy.Daemon.Client;

namespace FastTcpProxy.Daemon.Tests.Client;

/// <summary>The texts of the commands for operators, to the character.</summary>
public sealed class OperatorTextTests
{
    private static readonly Screen Wide = new(Screen.Unbounded, false);
    private static readonly Screen Narrow = new(80, false);

    [Fact]
    public void Status_AllThatIsSpecial_Wide() => AssertText("x", StatusText.Table(GivenDocuments.Status, Wide, GivenDocuments.Now));

    [Fact]
    public void Status_AllThatIsSpecial_80Columns() => AssertText("x", StatusText.Table(GivenDocuments.Status, Narrow, GivenDocuments.Now));

    [Fact]
    public void Upstreams_Wide() => AssertText("x", UpstreamsText.Table([GivenDocuments.Mail], Wide, GivenDocuments.Now));

    [Fact]
    public void Upstreams_80Columns() => AssertText("x", UpstreamsText.Table([GivenDocuments.Mail], Narrow, GivenDocuments.Now));

    [Fact]
    public void Sessions_Wide() => AssertText("x", SessionsText.Table(GivenDocuments.Sessions, Wide, GivenDocuments.Now));

    [Fact]
    public void Sessions_80Columns() => AssertText("x", SessionsText.Table(GivenDocuments.Sessions, Narrow, GivenDocuments.Now));

    [Fact]
    public void Explain_Wide() => AssertText("x", ExplainText.Of(GivenDocuments.Explanation, Wide, GivenDocuments.Now));

    [Fact]
    public void Explain_80Columns() => AssertText("x", ExplainText.Of(GivenDocuments.Explanation, Narrow, GivenDocuments.Now));

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void AllTexts_KeepToTheWidth(int width)
    {
        Screen screen = new(width, false);
        Assert.All(All(screen).SelectMany(text => text.Split('\n')), line => Assert.InRange(line.Length, 0, width));
    }

    [Fact]
    public void AllTexts_Colors_OnlyWhereThereAreSome()
    {
        Assert.All(All(new Screen(200, true)), text => Assert.Contains("\e[", text));
        Assert.All(All(new Screen(200, false)), text => Assert.DoesNotContain('\e', text));
    }

    [Fact]
    public void HostileText_CannotCommandTheTerminal()
    {
        const string Hostile = GivenDocuments.Hostile;
        OverrideDocument set = new(Hostile, Hostile, Hostile, GivenDocuments.Now, null);
        OrderDocument order = new([Hostile], Hostile, Hostile, GivenDocuments.Now, null);
        HealthDocument health = GivenDocuments.Up with { State = Hostile, Reason = Hostile };
        UpstreamDocument upstream = new(Hostile, new ConfiguredDocument(Hostile, Hostile, false, 1), set, health, false, Hostile, 1);
        ServiceDocument service = new(Hostile, [Hostile], 1, false, order, [upstream]);
        StatusDocument status = GivenDocuments.Status with
        {
            Version = Hostile,
            State = Hostile,
            NotReady = [Hostile],
            Config = new ConfigDocument(Hostile, GivenDocuments.Now, Hostile, new FailedReloadDocument(GivenDocuments.Now, Hostile, Hostile, [Hostile])),
            Services = [service],
        };
        SessionsDocument sessions = new([new(1, Hostile, Hostile, Hostile, Hostile + "x", Hostile, Hostile + "x", Hostile, GivenDocuments.Now, 1, 1, 1)], false);
        ExplainDocument explanation = new(Hostile, Hostile, [new(Hostile, false, Hostile)],
            new GuardsDocument(new LimitDocument(1, 1, true), new LimitDocument(1, null, false), new LimitDocument(1, 1, true), new AcceptProxyDocument([Hostile], Hostile, Hostile)),
            order, [new(Hostile, Hostile, false, Hostile, set, health, [Hostile], 1, [new(Hostile, GivenDocuments.Now, 1)])], Hostile);

        string[] texts =
        [
            StatusText.Table(status, Wide, GivenDocuments.Now), UpstreamsText.Table([service], Wide, GivenDocuments.Now),
            SessionsText.Table(sessions, Wide, GivenDocuments.Now), ExplainText.Of(explanation, Wide, GivenDocuments.Now),
            ExplainText.Of(explanation, new Screen(60, false), GivenDocuments.Now),
        ];

        Assert.All(texts, text => Assert.All(text, c => Assert.True(c == '\n' || c is >= ' ' and <= '~', $"U+{(int)c:X4}")));
    }

    private static IEnumerable<string> All(Screen screen) =>
    [
        StatusText.Table(GivenDocuments.Status, screen, GivenDocuments.Now),
        UpstreamsText.Table([GivenDocuments.Mail], screen, GivenDocuments.Now),
        SessionsText.Table(GivenDocuments.Sessions, screen, GivenDocuments.Now),
        ExplainText.Of(GivenDocuments.Explanation, screen, GivenDocuments.Now),
    ];

    private static void AssertText(string expected, string text, [System.Runtime.CompilerServices.CallerMemberName] string n = "") { File.WriteAllText("/tmp/cliv/gold-" + n, text); Xx(expected, text); }
    private static void Xx(string expected, string text) => Assert.Equal(expected.ReplaceLineEndings("\n") + "\n", text);
}
