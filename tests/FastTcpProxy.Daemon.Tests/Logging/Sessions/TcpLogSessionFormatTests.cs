using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Tests.Logging.Sessions;

/// <summary>Golden lines of the layout of HAProxy's TCP log: one for each kind of end. Pure.</summary>
public sealed partial class TcpLogSessionFormatTests
{
    private const string Start = "198.51.100.7:4321 [03/Feb/2026:04:05:06.789] mail mail/";

    public static TheoryData<EndParty, EndPhase, EndCause, string> Ends => new()
    {
        { EndParty.Client, EndPhase.Relay, EndCause.Ended, "a 0/1/5012 2000 -- 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Relay, EndCause.Ended, "a 0/1/5012 2000 -- 7/3/2/0/0 0/0" },
        { EndParty.Client, EndPhase.Relay, EndCause.Reset, "a 0/1/5012 2000 CD 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Relay, EndCause.Reset, "a 0/1/5012 2000 SD 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Relay, EndCause.Idle, "a 0/1/5012 2000 cD 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Relay, EndCause.HalfClosed, "a 0/1/5012 2000 sD 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Relay, EndCause.Drained, "a 0/1/5012 2000 KD 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Relay, EndCause.Killed, "a 0/1/5012 2000 KD 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Relay, EndCause.ListenerRemoved, "a 0/1/5012 2000 KD 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Relay, EndCause.UpstreamDown, "a 0/1/5012 2000 DD 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Relay, EndCause.Fault, "a 0/1/5012 2000 ID 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Connect, EndCause.Refused, "a 0/-1/5012 0 SC 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Connect, EndCause.Unreachable, "a 0/-1/5012 0 SC 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Connect, EndCause.Unresolved, "a 0/-1/5012 0 SC 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Connect, EndCause.Failed, "a 0/-1/5012 0 SC 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Connect, EndCause.NoUpstream, "a 0/-1/5012 0 SC 7/3/2/0/0 0/0" },
        { EndParty.Upstream, EndPhase.Connect, EndCause.TimedOut, "a 0/-1/5012 0 sC 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Connect, EndCause.NoLocalPort, "a 0/-1/5012 0 RC 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Connect, EndCause.NoDescriptor, "a 0/-1/5012 0 RC 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Connect, EndCause.NoMemory, "a 0/-1/5012 0 RC 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Header, EndCause.NoBuffer, "<NOSRV> -1/-1/5012 0 RR 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Relay, EndCause.NoBuffer, "a 0/1/5012 2000 RD 7/3/2/0/0 0/0" },
        { EndParty.Client, EndPhase.Connect, EndCause.Reset, "a 0/-1/5012 0 CC 7/3/2/0/0 0/0" },
        { EndParty.Client, EndPhase.Connect, EndCause.Closed, "a 0/-1/5012 0 CC 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Connect, EndCause.Drained, "a 0/-1/5012 0 KC 7/3/2/0/0 0/0" },
        { EndParty.Client, EndPhase.Header, EndCause.Reset, "<NOSRV> -1/-1/5012 0 CR 7/3/2/0/0 0/0" },
        { EndParty.Client, EndPhase.Header, EndCause.InvalidHeader, "<NOSRV> -1/-1/5012 0 PR 7/3/2/0/0 0/0" },
        { EndParty.Client, EndPhase.Header, EndCause.HeaderTooLong, "<NOSRV> -1/-1/5012 0 PR 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Header, EndCause.TimedOut, "<NOSRV> -1/-1/5012 0 cR 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Guard, EndCause.LimitReached, "<NOSRV> -1/-1/5012 0 PR 7/3/2/0/0 0/0" },
        { EndParty.Proxy, EndPhase.Guard, EndCause.NotTrusted, "<NOSRV> -1/-1/5012 0 PR 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Connect, EndCause.Killed, "a 0/-1/5012 0 KC 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Header, EndCause.Killed, "<NOSRV> -1/-1/5012 0 KR 7/3/2/0/0 0/0" },
        { EndParty.Operator, EndPhase.Header, EndCause.Drained, "<NOSRV> -1/-1/5012 0 KR 7/3/2/0/0 0/0" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Write_EachKindOfEnd_IsTheGoldenLine(EndParty party, EndPhase phase, EndCause cause, string expected)
    {
        EndReason reason = new(party, phase, cause);
        SessionRecord record = phase switch
        {
            EndPhase.Relay => Records.Proxied(reason),
            EndPhase.Connect => Records.Failed(reason, new Attempt(0, 0, AttemptOutcome.Refused, 10)),
            _ => Records.Base(reason),
        };

        Assert.Equal(Start + expected + "\n", Format(record));
    }

    [Fact]
    public void Write_EveryReasonThereCanBe_IsTwoOfHAProxysLetters()
    {
        foreach (EndParty party in Enum.GetValues<EndParty>())
        foreach (EndPhase phase in Enum.GetValues<EndPhase>())
        foreach (EndCause cause in Enum.GetValues<EndCause>())
            Assert.Matches(Layout(), Format(Records.Base(new EndReason(party, phase, cause))));
    }

    [Fact]
    public void Write_FailoverToAnotherUpstream_MarksTheRetries()
    {
        SessionRecord record = Records.Failed(new EndReason(EndParty.Client, EndPhase.Relay, EndCause.Ended),
            new Attempt(0, 0, AttemptOutcome.Refused, 10), new Attempt(0, 1, AttemptOutcome.Refused, 10),
            new Attempt(1, 0, AttemptOutcome.Connected, 10));
        record.UpstreamIndex = 1;
        record.ConnectUs = 2_000;

        Assert.Equal(Start + "b#20x#22#23 0/2/5012 0 -- 7/3/2/0/+2 0/0\n", Format(record));
    }

    [Fact]
    public void Write_SecondAddressOfTheSameUpstream_IsNoOtherUpstream()
    {
        SessionRecord record = Records.Failed(new EndReason(EndParty.Client, EndPhase.Relay, EndCause.Ended),
            new Attempt(0, 0, AttemptOutcome.Refused, 10), new Attempt(0, 1, AttemptOutcome.Connected, 10));
        record.UpstreamIndex = 0;

        Assert.Contains(" 7/3/2/0/1 0/0", Format(record));
    }

    [Theory]
    [InlineData("[2001:db8::5]:99", "2001:db8::5:99 [")]
    [InlineData(null, "unix:1 [")]
    public void Write_ClientOfAnotherFamily_IsWrittenAsHAProxyDoes(string? client, string expected)
    {
        SessionRecord record = Records.Proxied(new EndReason(EndParty.Client, EndPhase.Relay, EndCause.Ended));
        record.Client = default;
        if (client is not null) Assert.True(InetEndPoint.TryParse(client, out record.Client));

        Assert.StartsWith(expected, Format(record));
    }

    [Fact]
    public void Write_LocalTime_IsTheZonesOwn()
    {
        TimeZoneInfo zone = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(-5), "x", "x");

        Assert.Contains(" [02/Feb/2026:23:05:06.789] ", Format(Records.Base(default), zone));
    }

    private static string Format(SessionRecord record, TimeZoneInfo? zone = null)
    {
        ArrayBufferWriter<byte> output = new();
        new TcpLogSessionFormat(zone ?? TimeZoneInfo.Utc).Write(in record, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>As parsers of HAProxy's log read it.</summary>
    [GeneratedRegex(@"^\S+:\d+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] \S+ \S+/\S+ -?\d+/-?\d+/\d+ \d+ [-CSPRIKDcs][-RCD] "
        + @"\d+/\d+/\d+/\d+/\+?\d+ \d+/\d+\n$")]
    private static partial Regex Layout();
}
