namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// The lines that a process has printed, kept up to a bound, with a wait for one of them.
/// Any thread; one task reads the stream until its end, and the <see cref="ChildProcess"/> that made it owns the stream.
/// </summary>
public sealed class CapturedLines
{
    /// <summary>Enough for every session of a test that counts them all; about 20 MB of the longest lines that the proxy writes.</summary>
    public const int LinesMax = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly Task _reading;
    private long _count;

    internal CapturedLines(StreamReader reader) => _reading = Task.Run(() => ReadAsync(reader));

    /// <summary>All lines printed so far, those included that are not kept any more.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>The stream has ended: its process, and every child that inherited it, closed it.</summary>
    public Task Ended => _reading;

    /// <summary>The kept lines, oldest first.</summary>
    public string[] Snapshot()
    {
        lock (_gate)
            return [.. _lines];
    }

    /// <summary>The kept lines as one text.</summary>
    public override string ToString() => string.Join('\n', Snapshot());

    /// <summary>The last <paramref name="count"/> lines, for the text of a failure.</summary>
    public string Tail(int count = 40) => string.Join('\n', Snapshot().TakeLast(count));

    /// <summary>
    /// Waits for the first line that <paramref name="select"/> turns into a value, from the oldest kept one on, or from those that follow
    /// the first <paramref name="after"/> lines.
    /// </summary>
    /// <exception cref="TimeoutException">No such line in time; the text holds the last lines.</exception>
    public async Task<T> WaitForAsync<T>(Func<string, T?> select, string what, TimeSpan? within = null, long after = 0)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(select);
        T? found = null;
        var seen = after;
        await Eventually.HoldsAsync(
            () =>
            {
                foreach (var line in After(ref seen))
                {
                    found = select(line);
                    if (found is not null)
                        return true;
                }
                return false;
            },
            what,
            within,
            () => "The last lines:\n" + Tail());
        return found!.Value;
    }

    /// <summary>Waits for the first line for which <paramref name="predicate"/> holds.</summary>
    /// <exception cref="TimeoutException">No such line in time; the text holds the last lines.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> predicate, string what, TimeSpan? within = null, long after = 0)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var line = await WaitForAsync<ValueTuple<string>>(text => predicate(text) ? new(text) : null, what, within, after);
        return line.Item1;
    }

    private string[] After(ref long seen)
    {
        lock (_gate)
        {
            var fresh = (int)Math.Min(_count - seen, _lines.Count);
            seen = _count;
            return [.. _lines.Skip(_lines.Count - fresh)];
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (_gate)
                {
                    _count++;
                    _lines.Enqueue(line);
                    if (_lines.Count > LinesMax)
                        _lines.Dequeue();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The test closed the stream under the process, or disposed of it: there is nothing more to read.
        }
    }
}
