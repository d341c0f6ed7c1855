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
            if (total <= connectTimeout)
                context.Problems.Warning(totalAt, ConfigurationCodes.NoTimeForFailover,
                    $"totalConnectTimeout ({DurationText.Write(total)}) expires during the wait for the first "
                    + "silent upstream (connectTimeout "
                        + $"is {each}) "
                    + $"and no other is tried, expected more than {each}");
            all = total < all ? total : all;
        }
        if (all > ConfigurationLimits.ConnectWaitWarned)
            context.Problems.Warning(connectTimeoutAt, ConfigurationCodes.LongConnectWait,
                $"a client may wait {DurationText.Write(all)} for {Counted.Of(service.Upstreams.Length, "silent upstream")}, "
                + $"{each} for each, expected at most {DurationText.Write(ConfigurationLimits.ConnectWaitWarned)}: "
                + "lower connectTimeout or set totalConnectTimeout");
    }
}
