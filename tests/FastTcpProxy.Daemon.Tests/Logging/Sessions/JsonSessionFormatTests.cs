using System.Buffers;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Tests.Logging.Sessions;

/// <summary>Golden lines of the JSON log. Pure.</summary>
public sealed class JsonSessionFormatTests
{
    [Fact]
    public void Write_ProxiedSession_IsTheGoldenLine()
    {
        Assert.Equal(
            """{"time":"2026-02-03T04:05:06.789Z","id":"00000000abcd-513","service":"mail","listener":"0.0.0.0:25","client":"198.51.100."""
            + """7:4321","upstream":{"name":"a","address":"192.0.2.10:25"},"attempts":[{"upstream":"a","address":"192.0.2.10:"""
            + """25","outcome":"connected","ms":1.5}],"mode":"proxy-v2","bytesFromClient":10,"bytesFromUpstream":2000,"headerMs":"""
            + """0,"connectMs":1.6,"totalMs":5012.345,"reason":"client.relay.ended"}""" + "\n",
            Format(Records.Proxied(new EndReason(EndParty.Client, EndPhase.Relay, EndCause.Ended))));
    }

    [Fact]
    public void Write_BalancersClientAndNoUpstream_IsTheGoldenLine()
    {
        SessionRecord record = Records.Failed(new EndReason(EndParty.Upstream, EndPhase.Connect, EndCause.Unresolved),
            new Attempt(0, 1, AttemptOutcome.TimedOut, 5_000_000), new Attempt(1, 0, AttemptOutcome.Refused, 7),
            new Attempt(2, 0, AttemptOutcome.Unresolved, 0));
        Assert.True(InetEndPoint.TryParse("[2001:db8::5]:99", out record.Client));
        record.ClientIsForwarded = true;
        record.HeaderUs = 250;

        Assert.Equal(
            """{"time":"2026-02-03T04:05:06.789Z","id":"00000000abcd-513","service":"mail","listener":"0.0.0.0:25","client":"[2001:db8::"""
            + """5]:99","peer":"198.51.100.7:4321","upstream":null,"attempts":[{"upstream":"a","address":"[2001:db8::10]:"""
            + """25","outcome":"timedOut","ms":5000},{"upstream":"b x\"#","address":"unix:/run/b.sock","outcome":"refused","ms":0.007},"""
            + """{"upstream":"lost","address":null,"outcome":"unresolved","ms":0}],"mode":null,"bytesFromClient":0,"bytesFromUpstream":"""
            + """0,"headerMs":0.25,"connectMs":5000,"totalMs":5012.345,"reason":"upstream.connect.unresolved"}""" + "\n",
            Format(record));
    }

    [Fact]
    public void Write_InvalidHeader_SaysWhatIsWrongAndNoHeaderTime()
    {
        SessionRecord record = Records.Failed(new EndReason(EndParty.Client, EndPhase.Header, EndCause.InvalidHeader));
        record.HeaderError = ProxyDecodeError.V1SourcePort;

        string line = Format(record);

        Assert.Contains("\"headerMs\":null", line);
        Assert.EndsWith(
            $"\"reason\":\"client.header.invalidHeader\",\"headerError\":\"{ProxyDecodeError.V1SourcePort.ToText()}\"}}\n", line);
    }

    [Fact]
    public void Write_ConnectionsThatWereLookedAt_SaysHowTheyFared()
    {
        SessionRecord record = Records.Proxied(new EndReason(EndParty.Client, EndPhase.Relay, EndCause.Ended));
        record.ClientPath = new PathState(RoundTripUs: 25_250, Retransmits: 3, Lost: 1);
        record.UpstreamPath = new PathState(RoundTripUs: 80, Retransmits: 0, Lost: 0);

        Assert.EndsWith("\"reason\":\"client.relay.ended\",\"clientTcp\":{\"roundTripMs\":25.25,\"retransmits\":3,\"lost\":1},"
            + "\"upstreamTcp\":{\"roundTripMs\":0.08,\"retransmits\":0,\"lost\":0}}\n", Format(record));
    }

    [Fact]
    public void Write_RefusedClient_HasNoConnectTime()
    {
        using JsonDocument line =
            JsonDocument.Parse(Format(Records.Base(new EndReason(EndParty.Proxy, EndPhase.Guard, EndCause.LimitReached))));

        Assert.Equal(JsonValueKind.Null, line.RootElement.GetProperty("connectMs").ValueKind);
        Assert.Equal(0, line.RootElement.GetProperty("attempts").GetArrayLength());
        Assert.Equal("proxy.guard.limitReached", line.RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public void Write_MoreAttemptsThanAreRecorded_SaysHowMany()
    {
        Attempt[] attempts = [.. Enumerable.Repeat(new Attempt(0, 0, AttemptOutcome.Refused, 1), AttemptList.RecordedMax + 4)];
        using JsonDocument line = JsonDocument.Parse(Format(Records.Failed(default, attempts)));

        Assert.Equal(AttemptList.RecordedMax, line.RootElement.GetProperty("attempts").GetArrayLength());
        Assert.Equal(AttemptList.RecordedMax + 4, line.RootElement.GetProperty("attemptsTotal").GetInt32());
    }

    [Fact]
    public void Write_EveryOutcome_HasANameOfItsOwn()
    {
        AttemptOutcome[] outcomes = Enum.GetValues<AttemptOutcome>();
        using JsonDocument line = JsonDocument.Parse(Format(Records.Failed(default, [.. outcomes.Select(o => new Attempt(0, 0, o, 1))])));

        string[] names = [.. line.RootElement.GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("outcome").GetString()!)];
        Assert.Equal(outcomes.Select(o => char.ToLowerInvariant(o.ToString()[0]) + o.ToString()[1..]), names);
    }

    [Fact]
    public void Write_HostileName_StaysOneLine()
    {
        SessionRecord record = Records.Base(default);
        record.Service = Records.Service with { Name = "a\"\n{\u0001}" };

        string line = Format(record);

        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.Equal("a\"\n{\u0001}", JsonDocument.Parse(line).RootElement.GetProperty("service").GetString());
    }

    private static string Format(SessionRecord record)
    {
        ArrayBufferWriter<byte> output = new();
        using JsonSessionFormat format = new(Records.Ids);
        format.Write(in record, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
