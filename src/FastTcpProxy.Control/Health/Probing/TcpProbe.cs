using System.Runtime.InteropServices;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Connects, and where configured sends bytes and waits for an answer: a check for servers without HTTP. On the thread pool, one probe at a
/// time; it owns its connection.
/// </summary>
internal sealed class TcpProbe : Probe
{
    private readonly ContentPattern? _expected;
    private readonly ReadOnlyMemory<byte> _content;
    private readonly ProbeConnector _connector;

    public TcpProbe(HealthCheckConfiguration config, ConfiguredUpstreamAddress address, IAddressBook book, TimeProvider time)
        : base(config.Timeout, ProbeLimits.ContentBytesMax, time)
    {
        _expected = config.Expect.Body;
        _content = ImmutableCollectionsMarshal.AsArray(config.Content.Items);
        _connector = new ProbeConnector(address, config, book);
    }

    /// <summary>The bytes that have come so far.</summary>
    internal int Received => Connection.Received;

    protected override async ValueTask<ProbeOutcome> AskAsync()
    {
        if (await _connector.OpenAsync(Connection) is { } failure) return failure;
        Connection.Phase = ProbePhase.Answer;
        if (!await Connection.SendAsync(_content)) return AnswerFailures.Describe(Connection);
        if (_expected is { } pattern) return await ReadAsync(pattern);
        // What was sent is to arrive, and nothing shows when it has.
        if (!_content.IsEmpty || Connection.Header != CheckProxyHeader.None) Connection.CloseInOrder();
        return new(null, "connected");
    }

    private async ValueTask<ProbeOutcome> ReadAsync(ContentPattern pattern)
    {
        using ContentScan scan = new(pattern);
        while (!scan.IsFull)
        {
            int count = await Connection.ReceiveAsync(scan.Free);
            if (count > 0)
            {
                if (scan.Take(count)) return Good(pattern);
                continue;
            }
            // The time may be over because an expression that must see the end still waits for it.
            if (scan.Complete() && Connection.End is ProbeEnd.None or ProbeEnd.Timeout) return Good(pattern);
            return DescribeFailure(pattern, scan);
        }
        // An expression that looks at the end must know whether this is one.
        if (scan.HasMatch()) return Good(pattern);
        if (await Connection.ReceiveAsync(new byte[1]) != 0 && Connection.End == ProbeEnd.TooLarge)
            return new(ProbeFailure.TooLarge,
                $"the first {ByteText.Of(ProbeLimits.ContentBytesMax)} of the answer do not contain {Wording.Quote(pattern.Text)}");
        return scan.Complete() && Connection.End is ProbeEnd.None or ProbeEnd.Timeout ? Good(pattern) : DescribeFailure(pattern, scan);
    }

    private static ProbeOutcome Good(ContentPattern pattern) => new(null, $"the answer contains {Wording.Quote(pattern.Text)}");

    private ProbeOutcome DescribeFailure(ContentPattern pattern, ContentScan scan)
    {
        if (scan.Seen.IsEmpty) return AnswerFailures.Describe(Connection);
        string seen = $"the answer does not contain {Wording.Quote(pattern.Text)}: {ProbeText.Quote(scan.Seen)}";
        return Connection.End == ProbeEnd.Timeout
            ? new(ProbeFailure.ResponseTimeout, $"{AnswerFailures.Describe(Connection).Text}, {seen}")
            : new(ProbeFailure.Content, seen);
    }
}
