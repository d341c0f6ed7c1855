using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Background;

/// <summary>
/// Runs all work of the process that no other code awaits: threads, tasks, callbacks of timers. No exception leaves it: a defect is counted
/// under the name of the work, and the work starts again after a pause. The operational log and <c>status</c> name what failed. Any thread;
/// each piece of work belongs to its caller.
/// </summary>
/// <param name="time">The clock; null: the system's.</param>
public sealed class BackgroundWork(TimeProvider? time = null)
{
    /// <summary>
    /// Names that are counted apart; there are fewer kinds of work in the program. What comes beyond is counted under one name.
    /// </summary>
    public const int NamesMax = 64;

    /// <summary>The name for what comes beyond <see cref="NamesMax"/>.</summary>
    public const string OtherName = "other work";

    /// <summary>How long work that failed pauses before it starts again, the first time.</summary>
    public static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause doubles with each failure, up to this.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _counting = new();
    private long _uncounted;
    private ImmutableSortedDictionary<string, BackgroundFaults> _faults =
        ImmutableSortedDictionary.Create<string, BackgroundFaults>(StringComparer.Ordinal);

    /// <summary>What has failed since the start, by name; empty when nothing has.</summary>
    public ImmutableArray<BackgroundFaults> Faults => [.. Volatile.Read(ref _faults).Values];

    /// <summary>
    /// Counts a defect that its finder has contained. Never throws: one that cannot be counted, for want of memory as a rule, counts with
    /// the next.
    /// </summary>
    public void Note(string name, Exception fault)
    {
        lock (_counting)
        {
            _uncounted++;
            try
            {
                string under = _faults.ContainsKey(name) || _faults.Count < NamesMax - 1 ? name : OtherName;
                long before = _faults.TryGetValue(under, out BackgroundFaults? known) ? known.Count : 0;
                Volatile.Write(ref _faults,
                    _faults.SetItem(under, new BackgroundFaults(under, before + _uncounted, fault, _time.GetUtcNow())));
                _uncounted = 0;
            }
            catch (Exception)
            {
                // It would leave a thread's outermost frame, and end the process.
            }
        }
    }

    /// <summary>A step that has to be gone past, whatever comes of it: an observer, a callback. False: it failed.</summary>
    public bool Guard(string name, Action step)
    {
        ArgumentNullException.ThrowIfNull(step);
        try
        {
            step();
            return true;
        }
        catch (Exception fault)
        {
            Note(name, fault);
            return false;
        }
    }

    /// <summary>Guards a step that waits.</summary>
    /// <inheritdoc cref="Guard"/>
    public async Task<bool> GuardAsync(string name, Func<Task> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        try
        {
            await step().ConfigureAwait(false);
            return true;
        }
        catch (Exception fault)
        {
            Note(name, fault);
            return false;
        }
    }

    /// <summary>A thread, not started yet, that ends when the work does.</summary>
    /// <param name="name">Of the thread too.</param>
    /// <param name="work">Starts again when it fails.</param>
    /// <param name="endsWithin">Waits as long as it is told to; true: the work is to end. Null: it continues as long as the
    /// process.</param>
    public Thread Thread(string name, Action work, Func<TimeSpan, bool>? endsWithin = null) => new(() =>
    {
        TimeSpan pause = PauseMin;
        while (!Guard(name, work))
        {
            TimeSpan rest = pause;
            bool ends = false;
            if (!Guard(name, () => ends = Rest(rest, endsWithin)) || ends) return;
            pause = Longer(pause);
        }
    })
    { IsBackground = true, Name = name };

    /// <summary>Lasting work on the thread pool, which starts again when it fails. The task ends with the work, never by a fault.</summary>
    /// <param name="work">Ends by itself when it is told to.</param>
    /// <param name="stop">Ends a pause.</param>
    public Task Run(string name, Func<Task> work, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Task.Run(async () =>
        {
            TimeSpan pause = PauseMin;
            while (!await GuardAsync(name, work))
            {
                await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested) return;
                pause = Longer(pause);
            }
        }, CancellationToken.None);
    }

    /// <summary>Work on the thread pool that is done once, whether it fails or not. The task never ends by a fault.</summary>
    public Task RunOnce(string name, Func<Task> work) => Task.Run(() => GuardAsync(name, work), CancellationToken.None);

    private static bool Rest(TimeSpan pause, Func<TimeSpan, bool>? endsWithin)
    {
        if (endsWithin is not null) return endsWithin(pause);
        System.Threading.Thread.Sleep(pause);
        return false;
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 > PauseMax ? PauseMax : pause * 2;
}
