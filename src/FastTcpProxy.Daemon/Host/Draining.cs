using System.Diagnostics;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Sessions;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>The last part of a process's life: it waits for its sessions to close, within the limit. Used once, by the main task.</summary>
internal sealed class Draining(ProxyEngine engine, ILogger log)
{
    /// <summary>How often the number of sessions is polled.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>What a poll that comes late counts at most: the process was stopped, and its sessions had not the time either.</summary>
    private static readonly TimeSpan PollMax = 10 * Poll;

    /// <summary>How long resets may take to reach the loops.</summary>
    private static readonly TimeSpan ResetWait = TimeSpan.FromSeconds(1);

    /// <summary>The same when a signal asked for the end at once.</summary>
    private static readonly TimeSpan ForcedResetWait = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits for the sessions to end, for as long as that takes. True when the end was requested before.</summary>
    public async Task<bool> OutliveAsync(Task wanted)
    {
        await SettleAsync();
        while (engine.Sessions > 0 && !wanted.IsCompleted) await Task.WhenAny(Task.Delay(Poll), wanted);
        return engine.Sessions > 0;
    }

    /// <summary>
    /// Waits for the sessions to end, and resets those that are left when the time is over or a signal cuts it short. True when one did.
    /// </summary>
    /// <param name="limit">How long they may continue.</param>
    /// <param name="cut">Completes with the name of the signal that ends it at once.</param>
    public async Task<bool> RunAsync(TimeSpan limit, Task<string> cut)
    {
        long began = Stopwatch.GetTimestamp();
        await SettleAsync();
        TimeSpan had = Stopwatch.GetElapsedTime(began);
        while (engine.Sessions > 0 && had < limit && !cut.IsCompleted)
        {
            began = Stopwatch.GetTimestamp();
            await Task.WhenAny(Task.Delay(Poll), cut);
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            had += took < PollMax ? took : PollMax;
        }
        bool forced = cut.IsCompleted;
        if (forced) Events.Forced(log, await cut, Counted.Of(engine.Sessions, "session"));
        else if (engine.Sessions > 0) Events.DrainTimedOut(log, Counted.Of(engine.Sessions, "session"));
        if (engine.Sessions == 0) return forced;
        engine.ResetSessions();
        // So that the last sessions get their line too. They end a few at a time; the wait is for the next few.
        int left = engine.Sessions;
        began = Stopwatch.GetTimestamp();
        while (left > 0 && Stopwatch.GetElapsedTime(began) < (forced ? ForcedResetWait : ResetWait))
        {
            await Task.Delay(Poll);
            if (engine.Sessions < left && !forced) began = Stopwatch.GetTimestamp();
            left = engine.Sessions;
        }
        return forced;
    }

    /// <summary>
    /// Until each loop knows that it no longer listens, and connections that were accepted just before have become sessions: they are not
    /// counted earlier.
    /// </summary>
    private async Task SettleAsync()
    {
        Task heard = engine.ListSessionsAsync(SessionFilter.All, 1);
        await Task.WhenAny(heard, Task.Delay(ResetWait));
        await Task.Delay(Poll);
    }
}
