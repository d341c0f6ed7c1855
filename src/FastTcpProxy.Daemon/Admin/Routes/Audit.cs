using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>
/// Writes a line of the operational log for every change that was made or refused. Every value is in quotes, so that none can pass for
/// another. Any thread; it keeps nothing.
/// </summary>
internal sealed class Audit(ILogger log)
{
    /// <param name="caller">Who, and from where.</param>
    /// <param name="change">What: one word for programs, such as <c>disable</c> or <c>reload</c>.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="service">Null where the change concerns none.</param>
    /// <param name="upstream">The upstream that it concerns; null: none.</param>
    /// <param name="reason">What the caller gave as the reason; null or empty: nothing.</param>
    public void Done(Caller caller, string change, string result, string? service = null, string? upstream = null, string? reason = null) =>
        Events.AdminChange(log, EventPart.Quote(caller.Author), EventPart.Quote(caller.Origin), change, Service(service),
            Upstream(upstream), EventPart.Quote(result), Reason(reason));

    /// <summary>The change was not made.</summary>
    /// <param name="why">What came of it.</param>
    public void Refused(Caller caller, string change, string why, string? service = null, string? upstream = null, string? reason = null) =>
        Events.AdminChangeRefused(log, EventPart.Quote(caller.Author), EventPart.Quote(caller.Origin), change, Service(service),
            Upstream(upstream), EventPart.Quote(why), Reason(reason));

    private static EventPart Service(string? service) => EventPart.Quote(service, " service=");

    private static EventPart Upstream(string? upstream) => EventPart.Quote(upstream, " upstream=");

    private static EventPart Reason(string? reason) => EventPart.Quote(string.IsNullOrEmpty(reason) ? null : reason, " reason=");
}
