namespace FastTcpProxy.Control.Configuration;

/// <summary>Warns of what the connect timeouts of a list add up to. Pure, any thread.</summary>
internal static class ConnectTimeRules
{
    public static void Check(ServiceConfiguration service, Position connectTimeoutAt, Position totalAt, BindingContext context)
    {
        // With one upstream nothing adds up, and there is nothing to fail over to.
        if (service.Upstreams.Length < 2)
            return;
        string each = DurationKind.Write(service.ConnectTimeout);
        TimeSpan all = service.ConnectTimeout * service.Upstreams.Length;
        if (service.TotalConnectTimeout is { } total)
        {
            if (total <= service.ConnectTimeout)
                context.Problems.Warning(totalAt, ConfigurationCodes.NoTimeForFailover,
                    $"totalConnectTimeout ({DurationKind.Write(total)}) ends while the first silent upstream is waited for (connectTimeout "
                        + $"is {each}) "
                    + $"and no other is tried, expected more than {each}");
            all = total < all ? total : all;
        }
        if (all > ConfigurationLimits.ConnectWaitWarned)
            context.Problems.Warning(connectTimeoutAt, ConfigurationCodes.LongConnectWait,
                $"a client may wait {DurationKind.Write(all)} while {service.Upstreams.Length} upstreams stay silent for {each} each, "
                + $"expected at most {DurationKind.Write(ConfigurationLimits.ConnectWaitWarned)}: lower connectTimeout or set "
                + "totalConnectTimeout");
    }
}
