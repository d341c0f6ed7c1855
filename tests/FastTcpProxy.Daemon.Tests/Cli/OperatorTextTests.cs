using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>The texts of the commands for operators, to the character.</summary>
public sealed class OperatorTextTests
{
    private static readonly Screen Wide = new(Screen.Unbounded, false);
    private static readonly Screen Narrow = new(80, false);

    [Fact]
    public void Status_AllThatIsSpecial_Wide() => AssertText(
        """
        fasttcpproxy 1.2.3, process 4712, up 3d, not ready
        configuration /etc/fasttcpproxy.json, loaded 5h ago (anna)
        not ready: service web: no upstream serves
        last reload failed 10m ago (SIGHUP), nothing was changed:
          /etc/fasttcpproxy.json:3:5: error C012: services[0].mode is "rwa", expected raw
        process 4711, an earlier generation, up 30d, drains: 12 sessions
        overrides are lost when the process exits: there is no admin.stateDirectory

        mail on [::]:25, unix:/run/mail.sock, 1241 sessions
        order secondary set by anna 1h ago: primary is slow
        Upstream   Address               Serving  Override  Sessions  Health     Since  Next check  Last check
        secondary  mail-b.example:25     yes                       7  up         2h     in 12s      good: status 200 (12 ms)
        primary    192.0.2.10:25         no       disabled      1234  up         2h     in 12s      good: status 200 (12 ms)
        spare      unix:/run/spare.sock  no                        0  unchecked                     no check is configured
          primary: disabled by anna until 2026-02-03 04:32:06Z: new disk, see #4711
          spare: disabled by the configuration (enabled: false)

        web on 0.0.0.0:80, 0 sessions, every enabled upstream is down
        Upstream  Address        Serving  Sessions  Health  Since  Next check  Last check
        a         192.0.2.20:80  no              0  down    42s    in 13s      bad: connect timed out (5.0 s)

        imap on 0.0.0.0:143, 1 session, every enabled upstream is down: all are tried in order (allDown)
        Upstream  Address         Serving  Sessions  Health  Since  Next check  Last check
        b         192.0.2.30:143  yes             1  down    42s    in 13s      bad: connect timed out (5.0 s)
        """,
        StatusText.Table(GivenDocuments.Status, Wide, GivenDocuments.Now));

    [Fact]
    public void Status_AllThatIsSpecial_80Columns() => AssertText(
        """
        fasttcpproxy 1.2.3, process 4712, up 3d, not ready
        configuration /etc/fasttcpproxy.json, loaded 5h ago (anna)
        not ready: service web: no upstream serves
        last reload failed 10m ago (SIGHUP), nothing was changed:
          /etc/fasttcpproxy.json:3:5: error C012: services[0].mode is "rwa", expected
          raw
        process 4711, an earlier generation, up 30d, drains: 12 sessions
        overrides are lost when the process exits: there is no admin.stateDirectory

        mail on [::]:25, unix:/run/mail.sock, 1241 sessions
        order secondary set by anna 1h ago: primary is slow
        Upstream   Address               Serving  Override  Sessions  Health     Since
        secondary  mail-b.example:25     yes                       7  up         2h
        primary    192.0.2.10:25         no       disabled      1234  up         2h
        spare      unix:/run/spare.sock  no                        0  unchecked
          primary: disabled by anna until 2026-02-03 04:32:06Z: new disk, see #4711
          spare: disabled by the configuration (enabled: false)

        web on 0.0.0.0:80, 0 sessions, every enabled upstream is down
        Upstream  Address        Serving  Sessions  Health  Since
        a         192.0.2.20:80  no              0  down    42s
          a: bad: connect timed out (5.0 s); next check in 13s

        imap on 0.0.0.0:143, 1 session, every enabled upstream is down: all are tried in
        order (allDown)
        Upstream  Address         Serving  Sessions  Health  Since
        b         192.0.2.30:143  yes             1  down    42s
          b: bad: connect timed out (5.0 s); next check in 13s
        """,
        StatusText.Table(GivenDocuments.Status, Narrow, GivenDocuments.Now));

    [Fact]
    public void Upstreams_Wide() => AssertText(
        """
        mail on [::]:25, unix:/run/mail.sock, 1241 sessions
        order secondary set by anna 1h ago: primary is slow
        Place  Upstream   Address               Mode      Configured  Override  Health     Serving  Sessions  Why
            2  secondary  mail-b.example:25     proxy-v2  enabled               up         yes             7  up
            1  primary    192.0.2.10:25         proxy-v2  enabled     disabled  up         no           1234  disabled by anna until 2026-02-03 04:32:06Z: new disk, see #4711
            3  spare      unix:/run/spare.sock  raw       disabled              unchecked  no              0  disabled by the configuration (enabled: false)
        """,
        UpstreamsText.Table([GivenDocuments.Mail], Wide, GivenDocuments.Now));

    [Fact]
    public void Upstreams_80Columns() => AssertText(
        """
        mail on [::]:25, unix:/run/mail.sock, 1241 sessions
        order secondary set by anna 1h ago: primary is slow
        Place  Upstream   Configured  Override  Health     Serving  Sessions
            2  secondary  enabled               up         yes             7
            1  primary    enabled     disabled  up         no           1234
            3  spare      disabled              unchecked  no              0
          secondary: mail-b.example:25 (proxy-v2); up
          primary: 192.0.2.10:25 (proxy-v2); disabled by anna until 2026-02-03
          04:32:06Z: new disk, see #4711
          spare: unix:/run/spare.sock (raw); disabled by the configuration (enabled:
          false)
        """,
        UpstreamsText.Table([GivenDocuments.Mail], Narrow, GivenDocuments.Now));

    [Fact]
    public void Sessions_Wide() => AssertText(
        """
                      Id  Service  Listener             Client            Peer               Upstream   Address        State           Age  Idle  From client  From upstream
        a3f09c21b7e4-258  mail     [::]:25              192.0.2.7:40001                      secondary  192.0.2.11:25  relaying        1h   2s        121 KiB         1023 B
        a3f09c21b7e4-257  mail     [::]:25              203.0.113.9:1024  198.51.100.1:5000  primary    192.0.2.10:25  connecting      2s   2s            0 B            0 B
          a3f09c21b7e4-2  mail     unix:/run/mail.sock  not known                                                      reading header  0s   0s            0 B            0 B
        and more than these 3, which began last: --limit, or a narrower choice
        """,
        SessionsText.Table(GivenDocuments.Sessions, Wide, GivenDocuments.Now));

    [Fact]
    public void Sessions_80Columns() => AssertText(
        """
        a3f09c21b7e4-258  192.0.2.7:40001 to mail, upstream secondary
          relaying, open for 1h, idle for 2s; 121 KiB from client, 1023 B from upstream
        a3f09c21b7e4-257  203.0.113.9:1024 to mail, upstream primary
          connecting, open for 2s, idle for 2s; 0 B from client, 0 B from upstream
        a3f09c21b7e4-2  not known to mail
          reading header, open for 0s, idle for 0s; 0 B from client, 0 B from upstream
        and more than these 3, which began last: --limit, or a narrower choice
        """,
        SessionsText.Table(GivenDocuments.Sessions, Narrow, GivenDocuments.Now));

    [Fact]
    public void Explain_Wide() => AssertText(
        """
        192.0.2.7 to mail: refused: the service has as many sessions as it may.

        Listeners
          [::]:25: takes IPv4 too
          unix:/run/mail.sock: a UNIX socket, not for addresses

        Guards
          sessions that descriptors allow: 1241 of 500000
          sessions of the process: 1241 of 65536
          sessions of the service: 1241 of 1241: one more is refused
          PROXY header: no balancer, served without a header

        Upstreams, in the order in which they are tried
          order secondary set by anna 1h ago: primary is slow
          Upstream   Serving  Override  Health  Mode      Sessions  Addresses                     Why
          secondary  yes                up      proxy-v2         7  192.0.2.11:25, 192.0.2.12:25  up
          primary    no       disabled  up      proxy-v2      1234  no address yet                disabled by anna until 2026-02-03 04:32:06Z: new disk, see #4711
          secondary: last attempts: connected 3s ago (2.0 ms); timed out 5m ago (5.0 s)
          primary: no attempt yet
        """,
        ExplainText.Of(GivenDocuments.Explanation, Wide, GivenDocuments.Now));

    [Fact]
    public void Explain_80Columns() => AssertText(
        """
        192.0.2.7 to mail: refused: the service has as many sessions as it may.

        Listeners
          [::]:25: takes IPv4 too
          unix:/run/mail.sock: a UNIX socket, not for addresses

        Guards
          sessions that descriptors allow: 1241 of 500000
          sessions of the process: 1241 of 65536
          sessions of the service: 1241 of 1241: one more is refused
          PROXY header: no balancer, served without a header

        Upstreams, in the order in which they are tried
          order secondary set by anna 1h ago: primary is slow
          Upstream   Serving  Override  Health  Mode      Sessions
          secondary  yes                up      proxy-v2         7
          primary    no       disabled  up      proxy-v2      1234
          secondary: 192.0.2.11:25, 192.0.2.12:25; up
          secondary: last attempts: connected 3s ago (2.0 ms); timed out 5m ago (5.0 s)
          primary: no address yet; disabled by anna until 2026-02-03 04:32:06Z: new
          disk, see #4711
          primary: no attempt yet
        """,
        ExplainText.Of(GivenDocuments.Explanation, Narrow, GivenDocuments.Now));

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

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public void AllTexts_HaveNoBlanksAtTheEndsOfLines(int width) =>
        Assert.All(All(new Screen(width, true)).SelectMany(text => text.Split('\n')),
            line => Assert.DoesNotMatch("\\s(\u001b\\[[0-9;]*m)*$", line));

    [Fact]
    public void HostileText_CannotCommandTheTerminal()
    {
        const string Hostile = GivenDocuments.Hostile;
        OverrideDocument set = new(Hostile, Hostile, GivenDocuments.Now, null) { State = Hostile };
        OverrideDocument order = new(Hostile, Hostile, GivenDocuments.Now, null) { Names = [Hostile] };
        HealthDocument health = GivenDocuments.Up with { State = Hostile, Reason = Hostile };
        UpstreamDocument upstream = new(Hostile, new ConfiguredDocument(Hostile, Hostile, false, 1), set, health, false, Hostile, 1);
        ServiceDocument service = new(Hostile, [Hostile], 1, false, order, [upstream]);
        StatusDocument status = GivenDocuments.Status with
        {
            Version = Hostile,
            State = Hostile,
            NotReady = [Hostile],
            Config = new ConfigDocument(Hostile, GivenDocuments.Now, Hostile,
                new FailedReloadDocument(GivenDocuments.Now, Hostile, Hostile, [Hostile])),
            Services = [service],
        };
        SessionsDocument sessions =
            new([new(Hostile, Hostile, Hostile, Hostile, Hostile + "x", Hostile, Hostile + "x", Hostile, GivenDocuments.Now, 1, 1, 1)],
                false);
        ExplainDocument explanation = new(Hostile, Hostile, [new(Hostile, false, Hostile)],
            new GuardsDocument(new LimitDocument(1, 1, true), new LimitDocument(1, null, false), new LimitDocument(1, 1, true),
                new AcceptProxyDocument([Hostile], Hostile, Hostile)),
            order, [new(Hostile, Hostile, false, Hostile, set, health, [Hostile], 1, [new(Hostile, GivenDocuments.Now, 1)])], Hostile);

        string[] texts =
        [
            StatusText.Table(status, Wide, GivenDocuments.Now), UpstreamsText.Table([service], Wide, GivenDocuments.Now),
            SessionsText.Table(sessions, Wide, GivenDocuments.Now), ExplainText.Of(explanation, Wide, GivenDocuments.Now),
            ExplainText.Of(explanation, new Screen(60, false), GivenDocuments.Now),
        ];

        Assert.All(texts, text => Assert.All(text, c => Assert.True(c == '\n' || c is (>= ' ' and <= '~') or '…', $"U+{(int)c:X4}")));
    }

    private static IEnumerable<string> All(Screen screen) =>
    [
        StatusText.Table(GivenDocuments.Status, screen, GivenDocuments.Now),
        UpstreamsText.Table([GivenDocuments.Mail], screen, GivenDocuments.Now),
        SessionsText.Table(GivenDocuments.Sessions, screen, GivenDocuments.Now),
        ExplainText.Of(GivenDocuments.Explanation, screen, GivenDocuments.Now),
    ];

    private static void AssertText(string expected, string text) => Assert.Equal(expected.ReplaceLineEndings("\n") + "\n", text);
}
