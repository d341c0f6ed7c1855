using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Control.Overrides;

/// <summary>
/// Where operators set overrides. A change is written to the state directory, if there is one, then put in force, and then answered; one that cannot be written is
/// not made. Overrides end by themselves when their time is over, and when the configuration changes what they are about. Any thread but a loop; one change at a time.
/// </summary>
public sealed partial class OverrideStore : IDisposable
{
    /// <summary>The name of the work that its timer does.</summary>
    private const string Work = "end of overrides";

    private readonly Lock _changing = new();
    private readonly ServiceComposer _composer;
    private readonly OverrideFile? _file;
    private readonly IOverrideObserver _observer;
    private readonly SteadyClock _clock;
    private readonly BackgroundWork _background;
    private readonly ITimer _expiry;
    private OverrideSnapshot _snapshot = OverrideSnapshot.Empty;
    private bool _released;

    /// <param name="composer">The services that run.</param>
    /// <param name="stateDirectory">Null: overrides end with the process.</param>
    /// <param name="observer">Hears of what ends without an operator.</param>
    /// <param name="time">The clock.</param>
    /// <param name="background">Counts the defects of the timer's work.</param>
    public OverrideStore(ServiceComposer composer, string? stateDirectory, IOverrideObserver observer, TimeProvider time, BackgroundWork? background = null)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(time);
        _composer = composer;
        _observer = observer;
        _clock = new SteadyClock(time);
        _background = background ?? new BackgroundWork();
        _expiry = time.CreateTimer(static store => ((OverrideStore)store!).OnExpiry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _directory = stateDirectory;
        if (stateDirectory is not null) _file = new OverrideFile(stateDirectory);
    }

    /// <summary>Whether overrides outlive the process.</summary>
    public bool IsStored => _file is not null;

    /// <summary>What is set for an upstream, and its entity tag; null when there is no such service or upstream.</summary>
    public (UpstreamOverride? Override, string Tag)? Find(string service, string upstream)
    {
        lock (_changing)
        {
            FollowClock();
            if (UpstreamOf(ServiceOf(service), upstream) is null) return null;
            UpstreamOverride? set = _snapshot.Upstreams.GetValueOrDefault((service, upstream))?.Set;
            return (set, OverrideTag.Of(set));
        }
    }

    /// <summary>What order is set for a service, and its entity tag; null when there is no such service.</summary>
    public (OrderOverride? Override, string Tag)? FindOrder(string service)
    {
        lock (_changing)
        {
            FollowClock();
            if (ServiceOf(service) is null) return null;
            OrderOverride? set = _snapshot.Orders.GetValueOrDefault(service)?.Set;
            return (set, OverrideTag.Of(set));
        }
    }

    /// <summary>Sets what an upstream is to be.</summary>
    /// <param name="expectedTag">The tag of what it replaces; null: whatever there is.</param>
    public OverrideOutcome Set(string service, string upstream, OverrideState state, OverrideRequest request, string? expectedTag)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_changing)
        {
            PrepareChange();
            if (Refuse(service, upstream, expectedTag) is { } refusal) return refusal;
            string tag = OverrideTag.Of(_snapshot.Upstreams.GetValueOrDefault((service, upstream))?.Set);
            if (OverrideRules.Check(request) is { } wrong) return new OverrideOutcome(OverrideError.OutOfRange, wrong, tag);
            UpstreamConfiguration configured = UpstreamOf(ServiceOf(service), upstream)!;
            (DateTimeOffset at, DateTimeOffset? expires) = Times(request);
            StoredOverride entry = new(new UpstreamOverride(state, request.Reason, request.Author, at, expires), configured.Address.Text, configured.Enabled);
            return Change(_snapshot with { Upstreams = _snapshot.Upstreams.SetItem((service, upstream), entry) }, tag, OverrideTag.Of(entry.Set));
        }
    }

    /// <summary>Ends what is set for an upstream; nothing happens where nothing is.</summary>
    /// <param name="expectedTag">The tag of what is ended; null: whatever there is.</param>
    public OverrideOutcome Clear(string service, string upstream, string? expectedTag)
    {
        lock (_changing)
        {
            PrepareChange();
            if (Refuse(service, upstream, expectedTag) is { } refusal) return refusal;
            string tag = OverrideTag.Of(_snapshot.Upstreams.GetValueOrDefault((service, upstream))?.Set);
            return Change(_snapshot with { Upstreams = _snapshot.Upstreams.Remove((service, upstream)) }, tag, OverrideTag.None);
        }
    }

    /// <summary>Sets which upstreams of a service are tried first.</summary>
    /// <param name="names">At least one, each once; the others follow as they are configured.</param>
    /// <param name="expectedTag">The tag of what it replaces; null: whatever there is.</param>
    public OverrideOutcome SetOrder(string service, ImmutableArray<string> names, OverrideRequest request, string? expectedTag)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_changing)
        {
            PrepareChange();
            if (RefuseOrder(service, expectedTag) is { } refusal) return refusal;
            string tag = OverrideTag.Of(_snapshot.Orders.GetValueOrDefault(service)?.Set);
            ImmutableArray<string> configured = [.. ServiceOf(service)!.Upstreams.Select(u => u.Name)];
            if (OverrideRules.Check(names, configured, service) is var (error, detail)) return new OverrideOutcome(error, detail, tag);
            if (OverrideRules.Check(request) is { } wrong) return new OverrideOutcome(OverrideError.OutOfRange, wrong, tag);
            (DateTimeOffset at, DateTimeOffset? expires) = Times(request);
            StoredOrder entry = new(new OrderOverride(names, request.Reason, request.Author, at, expires), configured);
            return Change(_snapshot with { Orders = _snapshot.Orders.SetItem(service, entry) }, tag, OverrideTag.Of(entry.Set));
        }
    }

    /// <summary>Goes back to the configured order; nothing happens where none is set.</summary>
    /// <param name="expectedTag">The tag of what is ended; null: whatever there is.</param>
    public OverrideOutcome ClearOrder(string service, string? expectedTag)
    {
        lock (_changing)
        {
            PrepareChange();
            if (RefuseOrder(service, expectedTag) is { } refusal) return refusal;
            string tag = OverrideTag.Of(_snapshot.Orders.GetValueOrDefault(service)?.Set);
            return Change(_snapshot with { Orders = _snapshot.Orders.Remove(service) }, tag, OverrideTag.None);
        }
    }

    /// <summary>Puts another configuration in force, and ends the overrides that it has overtaken.</summary>
    public void Reconcile(ImmutableArray<PlannedService> plan)
    {
        lock (_changing)
        {
            ReadAgain(plan.Select(p => p.Configuration));
            Trim(_snapshot.For(plan.Select(p => p.Configuration), _observer));
            _composer.Apply(plan, _snapshot.ToSet());
        }
    }

    /// <summary>
    /// The state directory belongs to another process from now on: what holds goes on to hold, nothing is written, and operators can change nothing any more.
    /// To be called before the other one reads the directory, so that it misses nothing; and by one that takes over, before it restores, until it is the one that serves.
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
            if ((Lock(OverrideLimits.LockWait) is { } holder ? InUse(holder) : _file.Save(_snapshot, _snapshot)) is { } why) _observer.NotStored(why);
        }
    }

    public void Dispose()
    {
        _expiry.Dispose();
        // Its timer may be firing all the same: it must not take the directory's lock again, which nobody would give up then.
        Release();
        LetGo();
    }

    private ServiceConfiguration? ServiceOf(string service) => _composer.Services.FirstOrDefault(s => s.Name == service)?.Configuration;

    private static UpstreamConfiguration? UpstreamOf(ServiceConfiguration? service, string upstream) =>
        service?.Upstreams.FirstOrDefault(u => u.Name == upstream);

    private OverrideOutcome? Refuse(string service, string upstream, string? expectedTag)
    {
        if (ServiceOf(service) is not { } found) return OverrideRules.NoService(service, _composer.Services.Select(s => s.Name));
        if (UpstreamOf(found, upstream) is null) return OverrideRules.NoUpstream(found, upstream);
        return OverrideRules.Check(expectedTag, OverrideTag.Of(_snapshot.Upstreams.GetValueOrDefault((service, upstream))?.Set));
    }

    private OverrideOutcome? RefuseOrder(string service, string? expectedTag)
    {
        if (ServiceOf(service) is null) return OverrideRules.NoService(service, _composer.Services.Select(s => s.Name));
        return OverrideRules.Check(expectedTag, OverrideTag.Of(_snapshot.Orders.GetValueOrDefault(service)?.Set));
    }

    /// <summary>Written, then in force, then answered.</summary>
    private OverrideOutcome Change(OverrideSnapshot snapshot, string tagBefore, string tagAfter)
    {
        if (Save(snapshot) is { } why) return new OverrideOutcome(OverrideError.NotStored, $"nothing was changed: {why}", tagBefore);
        _snapshot = snapshot;
        _composer.SetOverrides(snapshot.ToSet());
        ScheduleExpiry();
        return new OverrideOutcome(OverrideError.None, "", tagAfter);
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
        if (_released) return "another process takes over, or has taken over: make the change there; while it is still starting, try again in a moment";
        if (_file is null) return null;
        if (!_restored) throw new InvalidOperationException("overrides of an earlier run would be lost: they are not restored yet");
        if (Lock(TimeSpan.Zero) is { } holder) return InUse(holder);
        if (_unread is { } why) return why;
        return _file.Save(snapshot, _snapshot);
    }

    private void OnExpiry()
    {
        // What is over must not stay in force for ever because somebody who heard of an end has a defect.
        if (!_background.Guard(Work, EndExpired)) _background.Guard(Work, () => _expiry.Change(BackgroundWork.PauseMax, Timeout.InfiniteTimeSpan));
    }

    private void EndExpired()
    {
        lock (_changing)
        {
            FollowClock();
            OverrideSnapshot rest = _snapshot.WithoutExpired(_clock.Now, _observer);
            bool ended = rest.Count < _snapshot.Count;
            Trim(rest);
            if (ended) _composer.SetOverrides(_snapshot.ToSet());
        }
    }

    /// <summary>
    /// An override that ends by itself ends when its time is over, by the monotonic clock. When the wall clock was set, its times are moved along: then what
    /// is shown is true, and a restart, which knows no other clock, finds the right end.
    /// </summary>
    private void FollowClock()
    {
        TimeSpan step = _clock.TakeStep();
        if (step == TimeSpan.Zero || _snapshot.NextExpiry is null) return;
        OverrideSnapshot moved = _snapshot.Moved(step);
        if (!_released && Save(moved) is { } why) _observer.NotStored(why);
        _snapshot = moved;
        _composer.SetOverrides(moved.ToSet());
    }

    private void ScheduleExpiry()
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan;
        if (_snapshot.NextExpiry is { } next)
        {
            // Up to the next millisecond: a timer is cut down to one, and would find that nothing is over yet.
            double leftMs = Math.Ceiling((next - _clock.Now).TotalMilliseconds);
            wait = TimeSpan.FromMilliseconds(Math.Clamp(leftMs, 0, OverrideLimits.ExpiryLook.TotalMilliseconds));
        }
        _expiry.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private (DateTimeOffset At, DateTimeOffset? Expires) Times(OverrideRequest request)
    {
        // What is shown and stored is milliseconds, and the tag follows from it.
        long ticks = _clock.Now.UtcTicks;
        DateTimeOffset at = new(ticks - (ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        return (at, at + request.For);
    }
}
