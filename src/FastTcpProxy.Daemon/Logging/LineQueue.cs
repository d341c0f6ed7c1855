using System.Collections.Concurrent;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Lines on their way to a writer that may block, such as a full pipe: its own thread waits for it, and no other code does, so that the
/// program can still be told to end. A full queue drops lines and reports later how many. Any thread; it owns the thread, not the writer.
/// </summary>
internal sealed class LineQueue : IDisposable
{
    /// <summary>Lines that can wait: minutes of the worst that the monitor says.</summary>
    public const int LinesMax = 1024;

    /// <summary>How long the end waits for the writer.</summary>
    private static readonly TimeSpan FlushWait = TimeSpan.FromMilliseconds(500);

    private readonly BlockingCollection<string> _lines = new(LinesMax);
    private readonly TextWriter _output;
    private readonly Thread _thread;
    private long _dropped;

    public LineQueue(TextWriter output, BackgroundWork background)
    {
        _output = output;
        _thread = background.Thread("operational log", Run);
        _thread.Start();
    }

    /// <summary>Lines that found the queue full and were not reported yet.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a line without waiting.</summary>
    public void Add(string line)
    {
        try
        {
            if (!_lines.TryAdd(line)) Interlocked.Increment(ref _dropped);
        }
        catch (InvalidOperationException)
        {
            // The end has begun: what is said after that, by a look-up that comes back late, has no reader.
        }
    }

    /// <summary>Writes what waits, for half a second at most. No line may come any more.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        if (_thread.Join(FlushWait)) _lines.Dispose();
    }

    private void Run()
    {
        foreach (string line in _lines.GetConsumingEnumerable())
        {
            if (!TryWrite(line)) continue;
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and long dropped
                && !TryWrite($"(dropped here: {Counted.Of(dropped, "line")}, as standard error was not read)"))
                Interlocked.Add(ref _dropped, dropped);
        }
    }

    /// <summary>False: it could not be written, and is counted as dropped.</summary>
    private bool TryWrite(string line)
    {
        try
        {
            _output.WriteLine(line);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // A full disk, a terminal that is gone: the line is lost, and the next one may find room.
            Interlocked.Increment(ref _dropped);
            return false;
        }
    }
}
