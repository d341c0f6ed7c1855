using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns when the connect timeouts of a list add up to a long wait. Pure, any thread.</summary>
internal static class ConnectTimeRules
{
    public static void Check(ServiceConfiguration service, Position connectTimeoutAt, Position totalAt, BindingContext context)
    {
        // With one upstream nothing adds up, and there is nothing to fail over to.
        if (service.Upstreams.Length < 2)
            return;
        TimeSpan connectTimeout = service.Settings.ConnectTimeout;
        string each = DurationText.Write(connectTimeout);
        TimeSpan all = connectTimeout * service.Upstreams.Length;
        if (service.Settings.TotalConnectTimeout is { } total)
        {
            (string key, TimeSpan alone) = service.Settings.Hedge is { } hedge
                ? FailoverRules.LongestDelay(hedge)
                : ("connectTimeout", connectTimeout);
            if (total <= alone)
                context.Problems.Warning(totalAt, ConfigurationCodes.NoTimeForFailover,
                    $"totalConnectTimeout ({DurationText.Write(total)}) expires during the wait for the first silent upstream "
                    + $"({key} is {DurationText.Write(alone)}) and no other is tried, expected more than {DurationText.Write(alone)}");
            all = total < all ? total : all;
        }
        if (all > ConfigurationLimits.ConnectWaitWarned)
            context.Problems.Warning(connectTimeoutAt, ConfigurationCodes.LongConnectWait,
                $"a client may wait {DurationText.Write(all)} for {Counted.Of(service.Upstreams.Length, "silent upstream")}, "
                + $"{each} for each, expected at most {DurationText.Write(ConfigurationLimits.ConnectWaitWarned)}: "
                + "lower connectTimeout or set totalConnectTimeout");
    }
}
