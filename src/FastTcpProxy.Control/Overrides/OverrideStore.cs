using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Control.Overrides;

/// <summary>
/// Where operators set overrides. A change is written to the state directory, if there is one, then put in force, and then answered; one
/// that cannot be written is not made. Overrides end by themselves when they expire, and when the configuration changes the same entry. Any
/// thread but a loop. Changes follow one another under a lock, which is held while the disk is waited for; readers take none.
/// </summary>
public sealed partial class OverrideStore : IDisposable
{
    /// <summary>The name of the work that its timer does.</summary>
    private const string Work = "end of overrides";

    // Held by writers alone, for as long as the disk takes.
    private readonly Lock _changing = new();
    private readonly ServiceComposer _composer;
    private readonly OverrideFile? _file;
    private readonly IOverrideObserver _observer;
    private readonly SteadyClock _clock;
    private readonly BackgroundWork _background;
    private readonly ITimer _expiry;
    // What is on the disk and in force. Replaced under the lock, after the write; read by any thread.
    private volatile OverrideSnapshot _snapshot = OverrideSnapshot.Empty;
    private bool _released;

    /// <param name="composer">The services that run.</param>
    /// <param name="stateDirectory">Null: overrides end with the process.</param>
    /// <param name="observer">Is told what expires or ends without an operator.</param>
    /// <param name="time">The clock.</param>
    /// <param name="background">Counts the defects of the timer's work.</param>
    public OverrideStore(ServiceComposer composer, string? stateDirectory, IOverrideObserver observer, TimeProvider time,
        BackgroundWork? background = null)
        : this(composer, stateDirectory is null ? null : new OverrideFile(stateDirectory), observer, time, background)
    {
    }

    /// <param name="file">Null: overrides end with the process.</param>
    /// <inheritdoc cref="OverrideStore(ServiceComposer, string, IOverrideObserver, TimeProvider, BackgroundWork)"/>
    internal OverrideStore(ServiceComposer composer, OverrideFile? file, IOverrideObserver observer, TimeProvider time,
        BackgroundWork? background = null)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(time);
        _composer = composer;
        _observer = observer;
        _clock = new SteadyClock(time);
        _background = background ?? new BackgroundWork();
        _expiry = time.CreateTimer(static store => ((OverrideStore)store!).OnExpiry(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _file = file;
        _directory = file?.DirectoryPath;
    }

    /// <summary>Whether overrides survive the exit of the process.</summary>
    public bool IsStored => _file is not null;

    /// <summary>Why what was stored is not in force and nothing can be changed, and what to do; null: it is in force.</summary>
    public string? Unread => _unread;

    /// <summary>What is set, and its entity tag. Never waits for a change, nor for the disk.</summary>
    public OverrideOutcome Find(OverrideKey key)
    {
        ImmutableArray<ActiveService> services = _composer.Services;
        return OverrideRules.CheckKey(key, services.FirstOrDefault(s => s.Name == key.Service)?.Configuration, services.Select(s => s.Name))
            ?? new OverrideOutcome(OverrideError.None, "", _snapshot.Find(key));
    }

    /// <summary>Sets what an upstream is to be, or which upstreams of a service are tried first.</summary>
    /// <param name="wanted">Its times and what is configured are filled in here.</param>
    /// <param name="time">How long it holds; null: until an operator ends it.</param>
    /// <param name="condition">Whether it may replace what has this entity tag; null: it may replace anything.</param>
    public OverrideOutcome Set(Override wanted, TimeSpan? time = null, Func<string, bool>? condition = null)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return Change(wanted.Key, condition, service =>
        {
            if (OverrideRules.Check(wanted, time, service) is { } wrong) return (null, wrong);
            // What is shown and stored is milliseconds, and the tag follows from it.
            long ticks = _clock.Now.UtcTicks;
            DateTimeOffset at = new(ticks - (ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
            return (wanted.Against(service) with { At = at, Expires = at + time }, null);
        });
    }

    /// <summary>Ends what is set, so that the configuration holds; nothing happens where nothing is.</summary>
    /// <param name="condition">Whether what has this entity tag may be ended; null: anything may.</param>
    public OverrideOutcome Clear(OverrideKey key, Func<string, bool>? condition = null) => Change(key, condition, _ => (null, null));

    /// <summary>Puts another configuration in force, and ends the overrides that it has overtaken.</summary>
    public void Reconcile(ImmutableArray<PlannedService> plan)
    {
        lock (_changing)
        {
            ReadAgain(plan.Select(p => p.Configuration));
            Trim(_snapshot.For(plan.Select(p => p.Configuration), _observer.Ended));
            _composer.Apply(plan, _snapshot);
        }
    }

    /// <summary>
    /// The state directory belongs to another process from now on: overrides stay in force, nothing is written, and operators can change
    /// nothing any more. To be called before the other one reads the directory, so that it misses nothing; and by one that takes over,
    /// before it restores, until it is the one that serves.
    /// </summary>
    public void Release()
    {
        lock (_changing) _released = true;
    }

    /// <summary>The directory is this process's, now or again: it is brought to what holds here. Nothing where it always was.</summary>
    public void Reclaim()
    {
        lock (_changing)
        {
            if (!_released) return;
            _released = false;
            if (_file is null) return;
            if ((Lock(OverrideLimits.LockWait) is { } holder ? InUse(holder) : _file.Save(_snapshot, _snapshot)) is { } why)
                _observer.NotStored(why);
        }
    }

    public void Dispose()
    {
        _expiry.Dispose();
        // Its timer may still fire: it must not take the directory's lock again, which would then never be given up.
        Release();
        LetGo();
    }

    /// <summary>Checked, then written, then in force, then answered.</summary>
    /// <param name="make">From the service's configuration what is to be set, null for nothing; or what is wrong with it.</param>
    private OverrideOutcome Change(OverrideKey key, Func<string, bool>? condition,
        Func<ServiceConfiguration, (Override? Next, string? Wrong)> make)
    {
        lock (_changing)
        {
            if (ReadAgain(_composer.Services.Select(s => s.Configuration))) _composer.SetOverrides(_snapshot);
            // Compared before the clock moves its times: the tag is about changes of operators.
            bool isExpected = condition is null || condition(Find(key).Tag);
            AdjustTimes();
            OverrideOutcome now = Find(key);
            if (now.Error != OverrideError.None) return now;
            if (!isExpected)
                return now with { Error = OverrideError.TagMismatch, Detail = "another operator has changed it since it was read" };
            (Override? next, string? wrong) = make(_composer.Services.First(s => s.Name == key.Service).Configuration);
            if (wrong is not null) return now with { Error = OverrideError.Invalid, Detail = wrong };
            OverrideSnapshot snapshot = next is null ? _snapshot.Without(key) : _snapshot.With(next);
            if (Save(snapshot) is { } why) return now with { Error = OverrideError.NotStored, Detail = $"nothing was changed: {why}" };
            _snapshot = snapshot;
            _composer.SetOverrides(snapshot);
            ScheduleExpiry();
            return now with { Set = next };
        }
    }

    /// <summary>What has ended by itself has ended, whether that can be written or not: the next start finds it out again.</summary>
    private void Trim(OverrideSnapshot rest)
    {
        if (rest.Count < _snapshot.Count && !_released && Save(rest) is { } why) _observer.NotStored(why);
        _snapshot = rest;
        ScheduleExpiry();
    }

    private string? Save(OverrideSnapshot snapshot)
    {
        if (_released) return "another process takes over, or has taken over: make the change there; "
            + "while it is still starting, try again in a moment";
        if (_file is null) return null;
        if (!_restored) throw new InvalidOperationException("overrides of an earlier run would be lost: they are not restored yet");
        if (Lock(TimeSpan.Zero) is { } holder) return InUse(holder);
        if (_unread is { } why) return why;
        return _file.Save(snapshot, _snapshot);
    }

    private void OnExpiry()
    {
        // An expired override must not stay in force for ever because an observer has a defect.
        if (!_background.Guard(Work, EndExpired))
            _background.Guard(Work, () => _expiry.Change(BackgroundWork.PauseMax, Timeout.InfiniteTimeSpan));
    }

    private void EndExpired()
    {
        lock (_changing)
        {
            AdjustTimes();
            OverrideSnapshot rest = _snapshot.WithoutExpired(_clock.Now, _observer.Ended);
            bool ended = rest.Count < _snapshot.Count;
            Trim(rest);
            if (ended) _composer.SetOverrides(_snapshot);
        }
    }

    /// <summary>
    /// An override that ends by itself ends when its time is over, by the monotonic clock. When the wall clock was set, its times are moved
    /// along: then what is shown is true, and a restart, which knows no other clock, finds the right end.
    /// </summary>
    private void AdjustTimes()
    {
        TimeSpan step = _clock.TakeStep();
        if (step == TimeSpan.Zero || _snapshot.NextExpiry is null) return;
        OverrideSnapshot moved = _snapshot.Moved(step);
        if (!_released && Save(moved) is { } why) _observer.NotStored(why);
        _snapshot = moved;
        _composer.SetOverrides(moved);
    }

    private void ScheduleExpiry()
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan;
        if (_snapshot.NextExpiry is { } next)
        {
            // Up to the next millisecond: a timer is cut down to one, and would find that nothing is over yet.
            double leftMs = Math.Ceiling((next - _clock.Now).TotalMilliseconds);
            wait = TimeSpan.FromMilliseconds(Math.Clamp(leftMs, 0, OverrideLimits.ClockCheckInterval.TotalMilliseconds));
        }
        _expiry.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
