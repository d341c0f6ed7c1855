namespace FastTcpProxy.Control.Configuration;

/// <summary>Warns that the administrative interface is checked but not yet served. Pure, any thread.</summary>
internal static class AdminRules
{
    public static void Check(ProxyConfiguration configuration, BindingContext context)
    {
        if (configuration.Admin is not { Socket: not null } admin) return;
        context.Problems.Warning(context.Origin(admin)!.Find("socket")!.At, ConfigurationCodes.NotServedYet,
            "admin.socket is checked but not served by this version yet, expected no interface there");
    }
}
