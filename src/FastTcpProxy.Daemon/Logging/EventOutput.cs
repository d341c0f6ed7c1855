using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Background;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Events on their way to standard error or a syslog server, which may block, such as a full pipe: its own thread waits for it, and no
/// other code does, so that the program can still be told to end. A full queue drops events and reports later how many. Any thread; it owns
/// the thread and its route.
/// </summary>
internal sealed class EventOutput : IEventSink, IDisposable
{
    /// <summary>Events that can wait: minutes of the worst that the monitor says.</summary>
    public const int EventsMax = 1024;

    /// <summary>How long the end waits for the writer.</summary>
    private static readonly TimeSpan FlushWait = TimeSpan.FromMilliseconds(500);

    private readonly BlockingCollection<OperationalEvent> _events = new(EventsMax);
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Thread _thread;
    private EventRoute _route;
    private string? _obstacle;
    private long _dropped;

    public EventOutput(EventRoute route, BackgroundWork background)
    {
        _route = route;
        _thread = background.Thread("operational log", Run);
        _thread.Start();
    }

    /// <summary>Events that found the queue full and were not reported yet.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>
    /// Where events go; those that wait too. A wait for the reader of the one before ends, and costs the event that waited. The thread
    /// disposes it.
    /// </summary>
    public EventRoute Route
    {
        get => Volatile.Read(ref _route);
        set => Interlocked.Exchange(ref _route, value).Error.Abandon();
    }

    /// <summary>Why events go to standard error instead of the syslog server, for people; null: they do not.</summary>
    public string? Obstacle => Volatile.Read(ref _obstacle);

    /// <summary>Takes an event without waiting.</summary>
    public void Take(OperationalEvent published)
    {
        if (published.Level < Route.Level) return;
        try
        {
            if (!_events.TryAdd(published)) Interlocked.Increment(ref _dropped);
        }
        catch (InvalidOperationException)
        {
            // The end has begun: what is said after that, by a look-up that comes back late, has no reader.
        }
    }

    /// <summary>Writes what waits, for half a second at most. No event may come any more.</summary>
    public void Dispose()
    {
        _events.CompleteAdding();
        if (!_thread.Join(FlushWait)) return;
        _events.Dispose();
        _route.Dispose();
    }

    private void Run()
    {
        EventRoute route = Route;
        foreach (OperationalEvent published in _events.GetConsumingEnumerable())
        {
            if (!ReferenceEquals(route, Route))
            {
                route.Dispose();
                route = Route;
            }
            if (!TryWrite(route, published)) continue;
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and long dropped && !TryPrint(route,
                $"{route.Prefix(LogLevel.Warning)}(dropped here: {Counted.Of(dropped, "line")}, as standard error was not read)"))
                Interlocked.Add(ref _dropped, dropped);
        }
    }

    private bool TryWrite(EventRoute route, OperationalEvent published)
    {
        if (!route.IsSyslog) return TryPrint(route, route.Print(published));
        // A server that did not read is not waited for again: it would hold up the events behind.
        string? obstacle = route.TrySend(published, mayWait: _obstacle is null);
        Volatile.Write(ref _obstacle, obstacle is null ? null : $"{route.Name} cannot be reached ({obstacle})");
        return obstacle is null || TryPrint(route, route.Print(published));
    }

    /// <summary>False: it could not be written, and is counted as dropped.</summary>
    private bool TryPrint(EventRoute route, string line)
    {
        _line.ResetWrittenCount();
        Encoding.UTF8.GetBytes(line, _line);
        _line.Write("\n"u8);
        for (ReadOnlySpan<byte> rest = _line.WrittenSpan; !rest.IsEmpty;)
        {
            int written = route.Error.Write(rest);
            if (written < 0)
            {
                // A full disk, a terminal that is gone: the line is lost, and the next one may find room.
                Interlocked.Increment(ref _dropped);
                return false;
            }
            rest = rest[written..];
        }
        return true;
    }
}
