using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns of an idle timeout that leaves keep-alive no time for its first probe. Pure, any thread.</summary>
internal static class IdleRules
{
    public static void Check(ServiceConfiguration service, Position idleTimeoutAt, BindingContext context)
    {
        (TimeSpan idleTimeout, TimeSpan keepAliveIdle) =
            (service.Settings.IdleTimeout, TimeSpan.FromSeconds(service.Settings.KeepAlive.IdleSeconds));
        if (idleTimeout <= keepAliveIdle)
            context.Problems.Warning(idleTimeoutAt, ConfigurationCodes.IdleBeforeKeepAlive,
                $"idleTimeout ({DurationText.Write(idleTimeout)}) closes a session before the first keep-alive probe (after "
                + $"{DurationText.Write(keepAliveIdle)}), expected a longer timeout or a shorter keepAlive.idle");
    }
}
