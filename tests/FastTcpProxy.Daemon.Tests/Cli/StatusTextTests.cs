using System.Text;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Tests.Admin;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>The table of <c>status</c>, to the character.</summary>
public sealed class StatusTextTests
{
    private static readonly DateTime Now = FakeStatus.Start.UtcDateTime.AddSeconds(66.5);

    private static StatusDocument Document { get; } =
        StatusDocuments.From([FakeStatus.Mail, FakeStatus.Mail with
        {
            Name = "out", Listen = ["0.0.0.0:26"], Sessions = 1, IsAllDown = true, Upstreams = FakeStatus.Mail.Upstreams[..1],
        }], FakeStatus.Process)
            with { Version = "1.2.3", Pid = 4711 };

    [Fact]
    public void Table_MoreGenerationsThanAreNamed_SaysHowMany()
    {
        Screen wide = new(Screen.Unbounded, false);
        StatusDocument status = GivenDocuments.Status;

        Assert.DoesNotContain("more earlier", StatusText.Table(status, wide, Now));
        Assert.Contains(", drains: 12 sessions\nand 1 more earlier generation\n",
            StatusText.Table(status with { GenerationsMore = 1 }, wide, Now));
    }

    [Fact]
    public void Table_NoTerminal_IsNotBroken() => AssertText(
        """
        fasttcpproxy 1.2.3, process 4711, up 1m 6s, not ready
        configuration /etc/fasttcpproxy.json, loaded 1m 6s ago (start)
        not ready: service out: no upstream serves

        out on 0.0.0.0:26, 1 session, every enabled upstream is down
        Upstream  Address        Serving  Sessions  Health  Since  Next check  Last check
        primary   192.0.2.10:25  no              3  down    6s     in 9s       bad: connect timed out (6.0 s, 2 probes)

        mail on [::]:25, unix:/run/mail.sock, 12 sessions
        Upstream   Address            Serving  Sessions  Health     Since  Next check  Last check
        primary    192.0.2.10:25      no              3  down       6s     in 9s       bad: connect timed out (6.0 s, 2 probes)
        secondary  mail-b.example:25  yes             3  up         16s    in 14s      good: status 200 (12 ms)
                                                         flapping
        third      [2001:db8::25]:25  yes             3  initial    1m 6s  now         not checked yet
        spare      192.0.2.13:25      yes             3  unchecked                     no check is configured
        """,
        StatusText.Table(Document, new Screen(Screen.Unbounded, false), Now));

    [Fact]
    public void Table_80Columns_HasTheLastChecksBelow() => AssertText(
        """
        fasttcpproxy 1.2.3, process 4711, up 1m 6s, not ready
        configuration /etc/fasttcpproxy.json, loaded 1m 6s ago (start)
        not ready: service out: no upstream serves

        out on 0.0.0.0:26, 1 session, every enabled upstream is down
        Upstream  Address        Serving  Sessions  Health  Since
        primary   192.0.2.10:25  no              3  down    6s
          primary: bad: connect timed out (6.0 s, 2 probes); next check in 9s

        mail on [::]:25, unix:/run/mail.sock, 12 sessions
        Upstream   Address            Serving  Sessions  Health     Since
        primary    192.0.2.10:25      no              3  down       6s
        secondary  mail-b.example:25  yes             3  up         16s
                                                         flapping
        third      [2001:db8::25]:25  yes             3  initial    1m 6s
        spare      192.0.2.13:25      yes             3  unchecked
          primary: bad: connect timed out (6.0 s, 2 probes); next check in 9s
          secondary: good: status 200 (12 ms); next check in 14s
          third: not checked yet; next check now
        """,
        StatusText.Table(Document, new Screen(80, false), Now));

    /// <summary>
    /// An address that has no room in the table stands below it: names and addresses are copied from there, so none is broken.
    /// </summary>
    [Fact]
    public void Table_80Columns_LongNames_NoNameOrAddressIsBroken()
    {
        UpstreamDocument upstream = Document.Services[0].Upstreams[0];
        StatusDocument document = Document with
        {
            NotReady = [], Stored = true,
            Services = [Document.Services[0] with { Upstreams = [upstream with
            {
                Name = "mail-primary-01.example.net", Configured = upstream.Configured
                    with { Address = "mail-primary-01.internal.example.net:2525" }, Override = GivenDocuments.Disabled, Why = "disabled",
            }] }],
        };

        AssertText(
            """
            fasttcpproxy 1.2.3, process 4711, up 1m 6s, not ready
            configuration /etc/fasttcpproxy.json, loaded 1m 6s ago (start)

            mail on [::]:25, unix:/run/mail.sock, 12 sessions, no upstream serves
            Upstream                     Serving  Override  Sessions  Health  Since
            mail-primary-01.example.net  no       disabled         3  down    6s
              mail-primary-01.example.net: disabled
              mail-primary-01.example.net: mail-primary-01.internal.example.net:2525; bad:
              connect timed out (6.0 s, 2 probes); next check in 9s
            """,
            StatusText.Table(document, new Screen(80, false), Now));
    }

    /// <summary>The table and its heading have it: the reasons of each upstream stand once.</summary>
    [Fact]
    public void Table_AllDownAndTried_SaysItOnce()
    {
        UpstreamDocument tried = Document.Services[1].Upstreams[0] with { Serving = true, Why = "down since 2026-02-03 04:05:00Z: "
            + "connect timed out; tried nevertheless, because no upstream is up (allDown: try-in-order)" };
        StatusDocument document = Document with
        {
            NotReady = [], Readiness = "degraded", Ready = true,
            Degraded = [$"service out: no upstream is up, and those that are enabled are tried nevertheless (primary: {tried.Why})"],
            Services = [Document.Services[1] with { Readiness = "degraded", Upstreams = [tried] }],
        };

        AssertText(
            """
            fasttcpproxy 1.2.3, process 4711, up 1m 6s, degraded
            configuration /etc/fasttcpproxy.json, loaded 1m 6s ago (start)
            degraded: service out: no upstream is up, and those that are enabled are tried nevertheless

            out on 0.0.0.0:26, 1 session, every enabled upstream is down: all are tried in order (allDown)
            Upstream  Address        Serving  Sessions  Health  Since  Next check  Last check
            primary   192.0.2.10:25  yes             3  down    6s     in 9s       bad: connect timed out (6.0 s, 2 probes)
            """,
            StatusText.Table(document, new Screen(Screen.Unbounded, false), Now));
    }

    [Fact]
    public void Table_200Columns_IsThatOfNoTerminal() => Assert.Equal(
        StatusText.Table(Document, new Screen(Screen.Unbounded, false), Now), StatusText.Table(Document, new Screen(200, false), Now));

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void Table_KeepsToTheWidth(int width) =>
        Assert.All(StatusText.Table(Document, new Screen(width, false), Now).Split('\n'), line => Assert.InRange(line.Length, 0, width));

    [Fact]
    public void Table_Colors_AreThoseOfTheStates()
    {
        string text = StatusText.Table(Document, new Screen(200, true), Now);

        Assert.Contains("\e[91mdown\e[0m", text);
        Assert.Contains("\e[32mup\e[0m", text);
        Assert.Contains("\e[93minitial\e[0m", text);
        Assert.Contains("\e[93mflapping\e[0m", text);
    }

    [Fact]
    public void Table_WithoutColors_HasNoEscapeCode() =>
        Assert.DoesNotContain('\e', StatusText.Table(Document, new Screen(80, false), Now));

    [Fact]
    public void Table_HostileText_CannotCommandTheTerminal()
    {
        const string Hostile = "\e[2J\r\n\u202e\u009b[red]x[/]";
        UpstreamDocument upstream = Document.Services[0].Upstreams[0];
        HealthDocument health = upstream.Health with
        {
            State = Hostile, Reason = Hostile, LastCheck = upstream.Health.LastCheck! with { Result = Hostile },
        };
        StatusDocument document = Document with
        {
            Version = Hostile,
            Services = [new ServiceDocument(Hostile, [Hostile], 1, true, null,
                [upstream with
                {
                    Name = Hostile, Configured = new ConfiguredDocument(Hostile, Hostile, true, 1), Why = Hostile, Health = health,
                }])],
        };

        string text = StatusText.Table(document, new Screen(Screen.Unbounded, false), Now);

        Assert.All(text, c => Assert.True(c == '\n' || c is >= ' ' and <= '~', $"U+{(int)c:X4}"));
        Assert.Contains(@"\u001b[2J\u000d\u000a\u202e\u009b[red]x[/]", text);
    }

    [Theory]
    [InlineData("""{"a":[1,"é"]}""", """{"a":[1,"é"]}""" + "\n")]
    [InlineData("{\r\n\t\"a\": 1\r\n}\r\n", "{\n\t\"a\": 1\n}\n")]
    [InlineData("{\"a\":\"\u009b\u007f\u202e\"}", """{"a":"\u009b\u007f\u202e"}""" + "\n")]
    public void Json_IsAsItCame_LessWhatCommandsATerminal(string came, string expected) =>
        Assert.Equal(expected, JsonText.Escape(Encoding.UTF8.GetBytes(came)));

    [Theory]
    [InlineData("")]
    [InlineData("\e[2J")]
    [InlineData("{\"a\":\"\e\"}")]
    public void Json_ThatIsNone_IsAnError(string came) =>
        Assert.Throws<AdminClientException>(() => JsonText.Escape(Encoding.UTF8.GetBytes(came)));

    [Theory]
    [InlineData(true, "every enabled upstream is down: all are tried in order (allDown)")]
    [InlineData(false, "every enabled upstream is down: the enabled ones are tried in order (allDown)")]
    public void Table_AllDown_SaysWhichAreTried(bool otherServes, string expected)
    {
        UpstreamDocument tried = Document.Services[1].Upstreams[0] with { Serving = true };
        StatusDocument document = Document with
        {
            Services = [Document.Services[1] with { Upstreams = [tried, tried with { Name = "other", Serving = otherServes }] }],
        };

        Assert.Contains(expected, StatusText.Table(document, new Screen(Screen.Unbounded, false), Now));
    }

    private static void AssertText(string expected, string text) => Assert.Equal(expected.ReplaceLineEndings("\n") + "\n", text);
}
