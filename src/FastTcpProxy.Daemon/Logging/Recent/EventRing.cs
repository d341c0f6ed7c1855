using System.Globalization;
using FastTcpProxy.Control.Texts;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging.Recent;

/// <summary>
/// The last events of the operational log, for operators who ask later, and for those who follow. A full ring loses the oldest. Steps of
/// sessions (level debug) have room of their own: however many there are, they take none from what matters for longer. Equal events are
/// summed: after the first, one a second with their number. Any thread but a loop; nothing waits for a reader.
/// </summary>
internal sealed class EventRing(TimeProvider time) : IEventSink
{
    /// <summary>Events above debug: a bad day, in some 1 MB.</summary>
    public const int EventsMax = 2048;

    /// <summary>Steps of sessions.</summary>
    public const int StepsMax = 4096;

    /// <summary>Characters of a text; a longer one (an exception's) is cut.</summary>
    public const int TextCharsMax = 4096;

    /// <summary>Different events that may be summed at once; others are kept one by one.</summary>
    public const int SumsMax = 256;

    private static readonly TimeSpan SumTime = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly EventStore _events = new(EventsMax);
    private readonly EventStore _steps = new(StepsMax);
    private readonly Dictionary<RecentEvent, Sum> _sums = [];
    private TaskCompletionSource? _news;
    private long _last;

    /// <summary>Tells the sequence numbers of this process from those of another.</summary>
    public string Instance { get; } = time.GetUtcNow().UtcTicks.ToString("x", CultureInfo.InvariantCulture);

    public void Take(OperationalEvent published)
    {
        RecentEvent recent = new(0, default, published.Id.Id, published.Level, Field(published, "Service"), Field(published, "Upstream"),
            Field(published, "Author"), 1, OneLine.Escape(published.Text, TextCharsMax));
        lock (_lock)
        {
            if (recent.Level <= LogLevel.Debug)
            {
                Append(_steps, recent with { At = published.At });
                return;
            }
            if (_sums.TryGetValue(recent, out Sum? sum))
            {
                sum.Count++;
                sum.At = published.At;
                return;
            }
            Append(_events, recent with { At = published.At });
            if (_sums.Count == SumsMax) return;
            _sums.Add(recent, new Sum { Since = time.GetTimestamp() });
        }
    }

    /// <summary>The sequence number of the newest event; 0: there is none.</summary>
    public long Newest
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    /// <summary>A reader that begins with the oldest event.</summary>
    /// <param name="withSteps">Whether it reads steps of sessions too.</param>
    public EventReader ReadAll(bool withSteps)
    {
        lock (_lock) return new EventReader(this, _events.Begin, withSteps ? _steps.Begin : EventReader.Never);
    }

    /// <summary>A reader that begins behind the event with this sequence number.</summary>
    /// <param name="withSteps">Whether it reads steps of sessions too.</param>
    /// <param name="isWhole">Whether all events behind it are held.</param>
    public EventReader ReadAfter(long sequence, bool withSteps, out bool isWhole)
    {
        lock (_lock)
        {
            isWhole = sequence <= _last && IsHeldAfter(_events, sequence) && (!withSteps || IsHeldAfter(_steps, sequence));
            return new EventReader(this, _events.After(sequence), withSteps ? _steps.After(sequence) : EventReader.Never);
        }
    }

    /// <summary>Called once a second: sums whose second is over are events, and continue for another one.</summary>
    public void Settle()
    {
        lock (_lock)
        {
            foreach ((RecentEvent recent, Sum sum) in _sums.ToArray())
            {
                if (time.GetElapsedTime(sum.Since) < SumTime) continue;
                if (sum.Count == 0)
                {
                    _sums.Remove(recent);
                    continue;
                }
                Append(_events, recent with { At = sum.At, Count = sum.Count });
                (sum.Count, sum.Since) = (0, time.GetTimestamp());
            }
        }
    }

    /// <summary>Reads from these places on, in the order of the sequence, and moves them.</summary>
    /// <returns>How many were overwritten before they were read.</returns>
    internal long Read(ref long events, ref long steps, List<RecentEvent> into, int max)
    {
        lock (_lock)
        {
            long lost = Math.Max(0, _events.Begin - events) + Math.Max(0, _steps.Begin - steps);
            events = Math.Max(events, _events.Begin);
            steps = Math.Max(steps, _steps.Begin);
            while (into.Count < max && (events < _events.End || steps < _steps.End))
            {
                bool isStep = events == _events.End || (steps < _steps.End && _steps[steps].Sequence < _events[events].Sequence);
                into.Add(isStep ? _steps[steps++] : _events[events++]);
            }
            return lost;
        }
    }

    /// <summary>Completes when there is an event behind these places.</summary>
    internal Task WaitAsync(long events, long steps)
    {
        lock (_lock)
        {
            if (events < _events.End || steps < _steps.End) return Task.CompletedTask;
            _news ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _news.Task;
        }
    }

    private static bool IsHeldAfter(EventStore store, long sequence) => store.Begin == 0 || store[store.Begin].Sequence <= sequence + 1;

    private static string? Field(OperationalEvent published, string name)
    {
        foreach ((string key, object? value) in published.Fields)
        {
            if (key == name) return value is string text ? OneLine.Escape(text, TextCharsMax) : null;
        }
        return null;
    }

    private void Append(EventStore store, RecentEvent recent)
    {
        store.Add(recent with { Sequence = ++_last });
        TaskCompletionSource? news = _news;
        _news = null;
        // Its continuations run elsewhere.
        news?.SetResult();
    }

    /// <summary>Events equal to one that was kept. The ring's lock guards it.</summary>
    private sealed class Sum
    {
        public int Count { get; set; }

        /// <summary>When the last of them was published.</summary>
        public DateTimeOffset At { get; set; }

        /// <summary>From when on its second counts.</summary>
        public long Since { get; set; }
    }
}
