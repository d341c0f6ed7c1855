using System.Collections.Immutable;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;

namespace FastTcpProxy.Engine;

/// <content>What is asked of the open sessions, and how they are ended from outside.</content>
public sealed partial class ProxyEngine
{
    /// <summary>The sessions that are meant, the latest first. All sessions may be visited for it, inside their loops, some hundred in each
    /// turn.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="max">How many at most: 1 to <see cref="SessionsListedMax"/>, or one more, which tells whether there are more.</param>
    /// <returns>Done when every loop has answered: not as long as one hangs.</returns>
    public Task<ImmutableArray<SessionView>> ListSessionsAsync(SessionFilter filter, int max)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, SessionsListedMax + 1);
        return SessionQueries.ListAsync(_contexts, filter, max);
    }

    /// <summary>Resets the sessions that are meant, a few at a time.</summary>
    /// <returns>How many, when every loop is done: not as long as one hangs.</returns>
    public Task<int> KillSessionsAsync(SessionFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return SessionQueries.KillAsync(_contexts, filter);
    }

    /// <summary>
    /// Resets the sessions whose clients are denied now, a few at a time: entries hold for those that are served already too.
    /// </summary>
    /// <returns>How many, when every loop is done: not as long as one hangs.</returns>
    public Task<int> ResetDeniedAsync() => SessionQueries.ResetDeniedAsync(_contexts);

    /// <summary>Ends every session that is still there by a reset, a few at a time.</summary>
    public void ResetSessions()
    {
        foreach (LoopContext context in _contexts)
        {
            context.Loop.Dispatch(new LoopCommand(() => context.EndAll(EndParty.Operator, EndCause.Drained)));
        }
    }

    /// <summary>
    /// Resets the sessions that are proxied to an upstream which is down, a few at a time. Those that still connect continue.
    /// </summary>
    /// <param name="service">Whose sessions.</param>
    /// <param name="upstream">The upstream's name.</param>
    public void ResetSessions(ServiceState service, string upstream)
    {
        foreach (LoopContext context in _contexts)
            context.Loop.Dispatch(
                new SessionSweep(context, session => session.IsProxiedTo(service, upstream), EndParty.Proxy, EndCause.UpstreamDown));
    }
}
