using System.Runtime.InteropServices;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Connects, and when it is told to sends bytes and waits for some: a check for servers without HTTP. On the thread pool, one probe at a time;
/// it owns its connection.
/// </summary>
internal sealed class TcpProbe : IProbe
{
    private readonly ContentPattern? _expected;
    private readonly ReadOnlyMemory<byte> _content;
    private readonly ProbeConnection _connection;
    private readonly ProbeConnector _connector;

    public TcpProbe(HealthCheckConfiguration config, UpstreamAddress address, IAddressBook book, TimeProvider time)
    {
        _expected = config.Expect.Body;
        _content = ImmutableCollectionsMarshal.AsArray(config.Content);
        _connection = new ProbeConnection(time, config.Timeout, ProbeLimits.ContentBytesMax);
        _connector = new ProbeConnector(address, config, book);
    }

    /// <summary>The bytes that have come so far.</summary>
    internal int Received => _connection.Received;

    public async Task<ProbeResult> RunAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        _connection.Begin(stop);
        ProbeOutcome outcome;
        try
        {
            outcome = await AskAsync();
        }
        catch (Exception e)
        {
            // All that is expected has a name by now: this is a defect, and one that must not end the checks.
            outcome = new(ProbeFailure.Fault, $"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            _connection.Finish();
        }
        if (_connection.End == ProbeEnd.Stopped) throw new OperationCanceledException(stop);
        return new ProbeResult(outcome.Failure, ProbeText.Line(outcome.Text), _connection.Elapsed);
    }

    public void Dispose() => _connection.Dispose();

    private async ValueTask<ProbeOutcome> AskAsync()
    {
        if (await _connector.OpenAsync(_connection) is { } failure) return failure;
        _connection.Phase = ProbePhase.Answer;
        if (!await _connection.SendAsync(_content)) return AnswerFailures.Describe(_connection);
        if (_expected is { } pattern) return await ReadAsync(pattern);
        // What was sent is to arrive, and nothing shows when it has.
        if (!_content.IsEmpty) _connection.CloseInOrder();
        return new(null, "connected");
    }

    private async ValueTask<ProbeOutcome> ReadAsync(ContentPattern pattern)
    {
        using ContentScan scan = new(pattern);
        while (!scan.IsFull)
        {
            int count = await _connection.ReceiveAsync(scan.Free);
            if (count > 0)
            {
                if (scan.Take(count)) return Good(pattern);
                continue;
            }
            // The time may be over because an expression that must see the end still waits for it.
            if (scan.Complete() && _connection.End is ProbeEnd.None or ProbeEnd.Timeout) return Good(pattern);
            return DescribeFailure(pattern, scan);
        }
        if (scan.Complete()) return Good(pattern);
        return await _connection.ReceiveAsync(new byte[1]) == 0 || _connection.End != ProbeEnd.TooLarge
            ? DescribeFailure(pattern, scan)
            : new(ProbeFailure.TooLarge, $"the first {ProbeText.Size(ProbeLimits.ContentBytesMax)} of the answer do not hold {Wording.Quote(pattern.Text)}");
    }

    private static ProbeOutcome Good(ContentPattern pattern) => new(null, $"the answer holds {Wording.Quote(pattern.Text)}");

    private ProbeOutcome DescribeFailure(ContentPattern pattern, ContentScan scan)
    {
        if (scan.Seen.IsEmpty) return AnswerFailures.Describe(_connection);
        string seen = $"the answer does not hold {Wording.Quote(pattern.Text)}: {ProbeText.Quote(scan.Seen)}";
        return _connection.End == ProbeEnd.Timeout
            ? new(ProbeFailure.ResponseTimeout, $"{AnswerFailures.Describe(_connection).Text}, {seen}")
            : new(ProbeFailure.Content, seen);
    }
}
