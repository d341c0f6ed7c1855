using System.Diagnostics;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage.Proxies;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// What happens to a proxy in a long life, in turns and at a steady pace: pauses, and to our own program reloads, upgrades, and upgrades
/// whose new process is killed on its way. One task.
/// </summary>
internal sealed class Disturbances
{
    /// <summary>The longest pause: a virtual machine that is moved.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan PeriodMin = TimeSpan.FromSeconds(1), PeriodMax = TimeSpan.FromSeconds(60),
        EndMax = TimeSpan.FromSeconds(20);

    /// <summary>
    /// In so many steps the killed processes come closer to the take-over, up to this part of the shortest that was seen: never so close
    /// that one could be over.
    /// </summary>
    private const int KillSteps = 7;

    private const double KillPart = 0.6;

    private readonly ProxyUnderTest _proxy;
    private readonly IRecord _record;
    private readonly TimeSpan _duration;
    private TimeSpan _upgradeMin = TimeSpan.MaxValue;
    private int _pauses;
    private int _reloads;
    private int _upgrades;
    private int _killed;

    /// <param name="duration">Of the run: short ones are disturbed more often.</param>
    public Disturbances(ProxyUnderTest proxy, IRecord record, TimeSpan duration)
    {
        (_proxy, _record, _duration) = (proxy, record, duration);
        Period = TimeSpan.FromSeconds(Math.Clamp(duration.TotalSeconds / 20, PeriodMin.TotalSeconds, PeriodMax.TotalSeconds));
    }

    /// <summary>From one disturbance to the next.</summary>
    public TimeSpan Period { get; }

    private TimeSpan PauseLength => TimeSpan.FromSeconds(Math.Min(PauseMax.TotalSeconds, Period.TotalSeconds));

    /// <summary>Disturbs until the end, not in the last period.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        Func<Task>[] turns = _proxy is FastTcpProxyProcess own
            ? [() => ReloadAsync(own), PauseAsync, () => UpgradeAsync(own), () => KillAsync(own), PauseAsync]
            : [PauseAsync];
        for (int i = 0; _record.Elapsed + Period * 2 < _duration; i++)
        {
            await Task.Delay(Period, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested) return;
            await turns[i % turns.Length]();
        }
    }

    /// <summary>Waits for the earlier processes, which end with their last session.</summary>
    public async Task EndAsync()
    {
        if (_proxy is not FastTcpProxyProcess own) return;
        TimeSpan limit = _record.Elapsed + EndMax;
        while (own.Earlier > 0 && _record.Elapsed < limit) await Task.Delay(50, CancellationToken.None);
        _record.Figure("earlier_processes_left", own.Earlier, "processes");
    }

    private async Task PauseAsync()
    {
        await _proxy.PauseAsync(PauseLength);
        _record.Figure("pauses_done", ++_pauses, "pauses");
    }

    private async Task ReloadAsync(FastTcpProxyProcess proxy)
    {
        // Configurations that all have the service under this name, so that a session's record means the same throughout.
        proxy.Configure(_reloads % 2 == 0 ? 1 : 0);
        await proxy.ReloadAsync();
        _record.Figure("reloads_done", ++_reloads, "reloads");
    }

    private async Task UpgradeAsync(FastTcpProxyProcess proxy)
    {
        long begin = Stopwatch.GetTimestamp();
        await proxy.UpgradeAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        if (took < _upgradeMin) _upgradeMin = took;
        _record.Figure("upgrades_done", ++_upgrades, "upgrades");
    }

    private async Task KillAsync(FastTcpProxyProcess proxy)
    {
        if (await proxy.KillUpgradeAsync(_upgradeMin * KillPart * (_killed % KillSteps + 1) / KillSteps))
            _record.Figure("upgrades_killed", ++_killed, "upgrades");
        else _record.Note("a new process that was to be killed on its way had taken over already: this machine is unsteady");
    }
}
